/** `node vllm-parent.ts <command> <port>`: starts vLLM, and is there to be killed. */
import pino from 'pino';
import { VllmProcess } from '../../src/ultravox/vllm-process.ts';
import { MODEL } from './watched-vllm.ts';

const [, , command = '', port = ''] = process.argv;
const settings = {
  ...{ command, model: MODEL, port: Number(port), gpuMemoryUtilization: 0.9, maxModelLen: 8192 },
  ...{ dtype: 'bfloat16', maxNumSeqs: 32, extraArgs: [] },
};
const vllm = new VllmProcess({ settings, env: process.env, log: pino({ level: 'silent' }) });
await vllm.ensureRunning(new AbortController().signal);
