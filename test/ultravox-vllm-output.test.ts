import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RestartPauses } from '../src/ultravox/restart-pauses.ts';
import { vllmArguments, vllmEnvironment } from '../src/ultravox/vllm-command.ts';
import { vllmLine } from '../src/ultravox/vllm-line.ts';
import { VllmOutput } from '../src/ultravox/vllm-output.ts';

const SETTINGS = {
  command: 'vllm',
  model: 'fixie-ai/ultravox',
  port: 8000,
  gpuMemoryUtilization: 0.85,
  maxModelLen: 4096,
  dtype: 'float16',
  maxNumSeqs: 16,
  extraArgs: ['--quantization', 'fp8'],
};

test('vLLM is told what the settings say, further arguments last', () => {
  const args = vllmArguments(SETTINGS);
  assert.deepEqual(args.slice(0, 2), ['serve', 'fixie-ai/ultravox']);
  assert.deepEqual(args.slice(-2), ['--quantization', 'fp8']);
  const told = Object.fromEntries(args.map((name, at) => [name, args[at + 1]]));
  const expected = {
    '--host': '127.0.0.1',
    '--port': '8000',
    '--gpu-memory-utilization': '0.85',
    '--max-model-len': '4096',
    '--dtype': 'float16',
    '--max-num-seqs': '16',
    '--limit-mm-per-prompt': '{"audio":60}',
    '--chat-template-content-format': 'string',
    '--tool-call-parser': 'llama3_json',
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(told[name], value, name);
  for (const flag of ['--enable-prefix-caching', '--no-enable-log-requests']) {
    assert.ok(args.includes(flag), flag);
  }
});

test('vLLM sees of the environment what it needs, and no secret of others', () => {
  const env = {
    ...{ PATH: '/bin', HOME: '/home/us', LD_LIBRARY_PATH: '/cuda', CUDA_VISIBLE_DEVICES: '1' },
    ...{ NVIDIA_VISIBLE_DEVICES: 'all', VLLM_USE_V1: '1', HF_HUB_OFFLINE: '1', HF_HOME: '/away' },
    ...{ TWILIO_AUTH_TOKEN: 'secret', CARTESIA_API_KEY: 'secret', DATABASE_URL: 'secret' },
    ...{ API_TOKEN: 'secret', AWS_SECRET_ACCESS_KEY: 'secret', NODE_OPTIONS: '--inspect' },
    // Of vLLM's own, the port of its inner connections; ours is another matter.
    ...{ VLLM_PORT: '8000', VLLM_EXTRA_ARGS: '[]', VLLM_API_KEY: 'of somebody' },
    ...{ VLLM_DEBUG_LOG_API_SERVER_RESPONSE: '1' },
  };
  const given = vllmEnvironment(env, { ...SETTINGS, hfToken: 'hf', hfHome: '/kept', apiKey: 'k' });
  assert.deepEqual(given, {
    ...{ PATH: '/bin', HOME: '/home/us', LD_LIBRARY_PATH: '/cuda', CUDA_VISIBLE_DEVICES: '1' },
    ...{ NVIDIA_VISIBLE_DEVICES: 'all', VLLM_USE_V1: '1', HF_HUB_OFFLINE: '1' },
    ...{ HF_HOME: '/kept', HF_TOKEN: 'hf', VLLM_API_KEY: 'k' },
    ...{ PYTHONUNBUFFERED: '1', NO_COLOR: '1', VLLM_NO_USAGE_STATS: '1', DO_NOT_TRACK: '1' },
  });
  assert.equal(vllmEnvironment(env, SETTINGS).VLLM_API_KEY, undefined);
  assert.equal(vllmEnvironment(env, SETTINGS).HF_HOME, '/away');
});

test('a line of vLLM says its level in one of several ways', () => {
  const expected: [line: string, level: string | undefined, text: string][] = [
    ['INFO 12-02 15:47:51 [core.py:93] Loading.', 'info', '[core.py:93] Loading.'],
    ['(APIServer pid=11) WARNING 02-12 19:33:44 [i.py:4] Slow.', 'warn', '[i.py:4] Slow.'],
    [
      '\u001b[1;36m(EngineCore_DP0 pid=2)\u001b[0;0m ERROR 10-12 02:10:43 [c.py:7] x',
      'error',
      '[c.py:7] x',
    ],
    ['INFO:     Application startup complete.', 'info', 'Application startup complete.'],
    ['CRITICAL 10-12 02:10:43 [c.py:7] gone', 'fatal', '[c.py:7] gone'],
    [
      'torch.OutOfMemoryError: CUDA out of memory',
      undefined,
      'torch.OutOfMemoryError: CUDA out of memory',
    ],
    ['INFOrmation', undefined, 'INFOrmation'],
  ];
  for (const [line, level, text] of expected) {
    assert.deepEqual(vllmLine(line, []), { level, text }, line);
  }
  assert.equal(vllmLine(' \u001b[0m ', []), undefined);
});

test('no secret, no word of a caller, and no endless line gets into the log', () => {
  const said = (line: string) => vllmLine(line, ['key-of-ours'])?.text ?? '';
  assert.equal(said('with key-of-ours and hf_abcdefghij'), 'with [hidden] and [hidden]');
  const quotes = [
    "ERROR 10-12 02:10:43 [c.py:7] 1 error, input_value={'role': 'my zebra'}",
    "INFO 10-12 02:10:43 [l.py:7] Received request 1: prompt: 'my zebra', params: x",
    'INFO 10-12 02:10:43 [l.py:7] Generated response 1: output: "my zebra"',
    `ValueError: {"messages": [{"content": "my zebra"}]}`,
    'ValueError: cannot load data:audio/wav;base64,zebra',
  ];
  for (const quote of quotes) assert.doesNotMatch(said(quote), /zebra/, quote);
  const harmless = "chat_template_content_format='string', limit_mm_per_prompt={'audio': 60}";
  assert.equal(said(harmless), harmless);
  assert.equal(said('x'.repeat(5000)).length, 1001);
});

test('output becomes lines wherever it is cut, a progress bar too', () => {
  const { lines, output } = collected();
  for (const part of ['INFO 12-02 15:4', '7:51 [a.py:1] one\nt', 'wo\r', 'three\r\n\n', 'four']) {
    output.push(part, 0);
  }
  output.push('\n', 0);
  assert.deepEqual(lines, ['[a.py:1] one', 'two', 'three', 'four']);
});

test('of a line without an end, and of lines without number, a bounded part is kept', () => {
  const { lines, dropped, output } = collected();
  for (let part = 0; part < 1000; part++) output.push('x'.repeat(1000), 0);
  output.push('\n', 0);
  assert.equal(lines.pop()?.length, 1001);
  output.push('again\n'.repeat(1000), 0);
  assert.equal(lines.length, 199);
  // It earns room for 20 lines in a second.
  output.push('later\n'.repeat(25), 1000);
  assert.equal(lines.length, 219);
  output.push('last\n', 2000);
  assert.deepEqual(
    dropped.filter((count) => count > 0),
    [801, 5],
  );
});

test('each restart waits twice as long, up to a bound, until it has served for a while', () => {
  const pauses = new RestartPauses({ firstMs: 1000, maxMs: 60_000, stableMs: 300_000 });
  const seconds = [0, 0, 0, 299_999, 0, 0, 0, 0].map((servedMs) => pauses.after(servedMs) / 1000);
  assert.deepEqual(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
  assert.equal(pauses.after(300_000), 1000);
  assert.equal(pauses.after(0), 2000);
});

function collected() {
  const lines: string[] = [];
  const dropped: number[] = [];
  const output = new VllmOutput({
    secrets: [],
    onLine: ({ text }, count) => {
      lines.push(text);
      dropped.push(count);
    },
  });
  return { lines, dropped, output };
}
