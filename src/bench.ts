/**
 * `npm run bench`: whole calls at the pace of speech against the server in a process of its own.
 * Callers, engine and voice service are simulated in this process: the figures are the server's, not
 * those of a GPU or a network.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type LoadFigures, runLoad } from './bench/load.ts';
import { ServerChild } from './bench/server-child.ts';
import type { ServerFigures } from './bench/server-process.ts';
import { STAGES, stagesOf } from './call/turn-stages.ts';
import { recordLines } from './demo/recordings.ts';
import { percentile } from './percentile.ts';
import { startSimulators } from './stage.ts';
import { EmbeddedVoice } from './tts/embedded-voice.ts';

const UTTERANCES = [
  'I would like to book a table for tomorrow evening.',
  'Do you have anything for people who do not eat meat?',
  'We will be four people, and one of us is a child.',
  'Could you tell me how long the kitchen is open?',
];
/** After the load: transcripts are still written in the background. */
const SETTLE_MS = 5000;

interface Point {
  calls: number;
  load: LoadFigures;
  server: ServerFigures;
  /** Once all calls have ended. */
  after: ServerFigures;
}

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1,10,25,50,100' },
    seconds: { type: 'string', default: '30' },
    out: { type: 'string', default: 'out/bench.json' },
  },
});
const sizes = values.calls.split(',').map(Number);
const seconds = Number(values.seconds);
if (![...sizes, seconds].every((value) => Number.isInteger(value) && value > 0 && value <= 1000)) {
  console.error('expected --calls 1,10,25 and --seconds 30: whole numbers from 1 to 1000');
  process.exit(2);
}
await bench();

async function bench(): Promise<void> {
  const voice = await EmbeddedVoice.start();
  const lines = UTTERANCES.map((says, index) => ({ id: String(index), says: [says] }));
  const utterances = [...(await recordLines(voice, lines)).values()].map(({ mulaw }) => mulaw);
  await voice.close();
  const simulators = await startSimulators({
    ultravox: { listens: false, firstTokenMs: 150, tokensPerSecond: 75 },
    cartesia: { voice: 'tone', firstByteMs: 90, maxContexts: 1000 },
  });
  const server = await ServerChild.start({
    ...simulators.env,
    MAX_CALLS: '500',
    CARTESIA_MAX_CONTEXTS: '500',
    ENGINE_MAX_STREAMS: '128',
    ENGINE_MAX_QUEUE: '1000',
    // Overload, too, is measured: no call is refused for it.
    ENGINE_MAX_WAIT_SECONDS: '600',
    ENGINE_MAX_UTILISATION: '1000',
  });
  const points: Point[] = [];
  console.log('Simulated: callers, engine (150 ms, 75 tokens/s), voice (90 ms). ms unless said.\n');
  for (const calls of sizes) {
    await server.measure();
    const address = { webhookUrl: `${server.url}/`, publicUrl: simulators.publicUrl };
    const { twilio } = simulators;
    const load = await runLoad({ twilio, address, calls, seconds, utterances });
    const figures = await server.report();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    points.push({ calls, load, server: figures, after: await server.report() });
    printPoint(points.at(-1)!);
  }
  await server.close();
  await simulators.close();
  mkdirSync('out', { recursive: true });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  writeFileSync(values.out, `${JSON.stringify({ machine, seconds, points }, undefined, 1)}\n`);
  console.log(`Written: ${values.out}`);
}

function printPoint({ calls, load, server, after }: Point): void {
  const stages = server.turns.map(stagesOf);
  const row = (name: string, samples: readonly number[]) =>
    `  ${name.padEnd(26)} ${spread(samples)}   n ${samples.length}`;
  console.log(`${calls} call${calls === 1 ? '' : 's'}`.padEnd(29) + header());
  console.log(row('first sound, at the caller', load.response));
  for (const stage of STAGES)
    console.log(
      row(
        `  ${stage}`,
        stages.map((each) => each[stage]),
      ),
    );
  console.log(row('barge-in, voice to clear', load.bargeInStop));
  console.log(row('answer to greeting', load.greeting));
  const { p50, p99, max } = server.loopDelayMs;
  console.log(
    `  event loop delay           p50 ${p50.toFixed(1)}  p99 ${p99.toFixed(1)}  max ${max.toFixed(1)}`,
  );
  console.log(
    `  CPU ${(server.cpuShare * 100).toFixed(0)} % of a core, memory ${server.rssMb.toFixed(0)} MB`,
  );
  console.log(`  failed ${load.failed.length}, outcomes ${JSON.stringify(server.outcomes)}`);
  console.log(`  left behind ${JSON.stringify(after.inUse)}`);
  console.log(
    `  resources ${JSON.stringify(after.resources)}, heap ${after.heapMb.toFixed(1)} MB\n`,
  );
  for (const problem of new Set(load.failed)) console.log(`  failed: ${problem}`);
}

function header(): string {
  return ['p50', 'p95', 'p99', 'max'].map((name) => name.padStart(7)).join('');
}

function spread(values: readonly number[]): string {
  return [0.5, 0.95, 0.99, 1]
    .map((share) => percentile(values, share).toFixed(0).padStart(7))
    .join('');
}
