/**
 * `node stand-in-vllm-process.ts <control socket> serve ...`: what runs in place of vLLM. It does nothing
 * but what it is told over the socket, and goes when the socket closes.
 */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { EngineFaults } from '../../src/simulators/ultravox/engine-faults.ts';
import {
  type SimulatedUltravox,
  startSimulatedUltravox,
} from '../../src/simulators/ultravox/simulated-ultravox.ts';
import type { Order } from './stand-in-vllm.ts';

const [, , control = '', ...args] = process.argv;
const socket = connect(control);
let ultravox: SimulatedUltravox | undefined;

socket.once('close', () => process.exit());
socket.on('error', () => {});
tell({ pid: process.pid, args, env: process.env });
for await (const line of createInterface({ input: socket })) {
  await obey(JSON.parse(line));
  tell({ done: true });
}

async function obey(order: Order): Promise<void> {
  if (order.do === 'say') process[order.on].write(order.text);
  else if (order.do === 'serve') await serve(order.faults);
  else if (order.do === 'fail') Object.assign(ultravox?.faults ?? {}, order.faults);
  else if (order.do === 'exit') process.exit(order.code);
  else if (order.do === 'ignoreSigterm') process.on('SIGTERM', () => {});
  else spawn(process.execPath, [process.argv[1] ?? '', control, 'worker'], { stdio: 'inherit' });
}

async function serve(faults: Partial<EngineFaults>): Promise<void> {
  const after = (name: string) => args[args.indexOf(name) + 1] ?? '';
  ultravox = await startSimulatedUltravox({
    port: Number(after('--port')),
    model: after('serve'),
    firstTokenMs: 10,
    listens: false,
    reply: () => 'Of course.',
    ...(process.env.VLLM_API_KEY && { apiKey: process.env.VLLM_API_KEY }),
  });
  Object.assign(ultravox.faults, faults);
}

function tell(message: object): void {
  socket.write(`${JSON.stringify(message)}\n`);
}
