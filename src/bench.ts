/**
 * `npm run bench`: whole calls at the pace of speech against the server in a process of its own.
 * Callers, engine and voice service are simulated in this process: the figures are the server's, not
 * those of a GPU or a network.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { runLoad } from './bench/load.ts';
import type { AskedFigures, Point } from './bench/point.ts';
import { comparisonText, pointText } from './bench/point-text.ts';
import { ServerChild } from './bench/server-child.ts';
import { type Variant, variantEnv, variantsOf } from './bench/variant.ts';
import { recordLines } from './demo/recordings.ts';
import { type Simulators, startSimulators } from './stage.ts';
import { EmbeddedVoice } from './tts/embedded-voice.ts';
import { UsageError } from './usage-error.ts';

/** Numbers are ms of silence: a quarter of them has a pause that is not the end. */
const UTTERANCES = [
  ['I would like to book a table for tomorrow evening.'],
  ['Do you have anything for people who do not eat meat?'],
  ['We will be four people,', 280, 'and one of us is a child.'],
  ['Could you tell me how long the kitchen is open?'],
];
/** After the load: transcripts are still written in the background. */
const SETTLE_MS = 5000;

interface Options {
  sizes: number[];
  seconds: number;
  engineSlots: number;
  variants: Variant[];
  out: string;
}

try {
  await bench(optionsOf(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exit(2);
}

function optionsOf(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      calls: { type: 'string', default: '1,10,25,50,100' },
      seconds: { type: 'string', default: '30' },
      speculation: { type: 'string', default: 'on' },
      slot: { type: 'string', default: 'first-token' },
      'engine-slots': { type: 'string', default: '1' },
      out: { type: 'string', default: 'out/bench.json' },
    },
  });
  const sizes = values.calls.split(',').map(Number);
  const seconds = Number(values.seconds);
  const engineSlots = Number(values['engine-slots']);
  const isCount = (value: number) => Number.isInteger(value) && value > 0 && value <= 1000;
  if (![...sizes, seconds, engineSlots].every(isCount)) {
    throw new UsageError('expected --calls 1,10,25 and --seconds 30: whole numbers from 1 to 1000');
  }
  return { sizes, seconds, engineSlots, variants: variantsOf(values), out: values.out };
}

async function bench(options: Options): Promise<void> {
  const { seconds, engineSlots, variants, sizes, out } = options;
  const voice = await EmbeddedVoice.start();
  const lines = UTTERANCES.map((says, index) => ({ id: String(index), says }));
  const utterances = [...(await recordLines(voice, lines)).values()].map(({ mulaw }) => mulaw);
  await voice.close();
  if (engineSlots > 1) console.log(`${engineSlots} requests in the slot: no one GPU does that.`);
  console.log('Simulated: callers, engine (150 ms, 75 tokens/s), voice (90 ms). ms unless said.\n');
  const points: Point[] = [];
  for (const variant of variants) points.push(...(await measure(variant, options, utterances)));
  if (variants.length > 1) {
    for (const size of sizes) {
      console.log(comparisonText(points.filter(({ calls }) => calls === size)));
    }
  }
  mkdirSync('out', { recursive: true });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  writeFileSync(out, `${JSON.stringify({ machine, seconds, points }, undefined, 1)}\n`);
  console.log(`Written: ${out}`);
}

/** Each variant has simulators and a server of its own: nothing is warm from the one before. */
async function measure(
  variant: Variant,
  { sizes, seconds, engineSlots }: Options,
  utterances: readonly Uint8Array[],
): Promise<Point[]> {
  const simulators = await startSimulators({
    ultravox: { listens: false, firstTokenMs: 150, tokensPerSecond: 75 },
    cartesia: { voice: 'tone', firstByteMs: 90, maxContexts: 1000 },
  });
  const server = await ServerChild.start({
    ...simulators.env,
    MAX_CALLS: '500',
    CARTESIA_MAX_CONTEXTS: '500',
    ENGINE_CONCURRENCY: String(engineSlots),
    ENGINE_MAX_STREAMS: '128',
    ENGINE_MAX_QUEUE: '1000',
    // Overload, too, is measured: no call is refused for it.
    ENGINE_MAX_WAIT_SECONDS: '600',
    ENGINE_MAX_UTILISATION: '1000',
    ...variantEnv(variant),
  });
  const points: Point[] = [];
  for (const calls of sizes) {
    await server.measure();
    const before = askedOf(simulators);
    const address = { webhookUrl: `${server.url}/`, publicUrl: simulators.publicUrl };
    const { twilio } = simulators;
    const onAllTalk = () => server.weigh();
    const load = await runLoad({ twilio, address, calls, seconds, utterances, onAllTalk });
    const figures = await server.report();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const after = await server.report();
    const asked = askedSince(before, askedOf(simulators));
    points.push({ variant, calls, load, server: figures, after, asked });
    console.log(pointText(points.at(-1)!));
  }
  await server.close();
  await simulators.close();
  return points;
}

function askedOf({ ultravox, cartesia }: Simulators): AskedFigures {
  return {
    requests: ultravox.requests,
    aborted: ultravox.aborted,
    coldRequests: ultravox.coldRequests,
    voiceConnections: cartesia.connections,
  };
}

function askedSince(before: AskedFigures, now: AskedFigures): AskedFigures {
  return {
    requests: now.requests - before.requests,
    aborted: now.aborted - before.aborted,
    coldRequests: now.coldRequests - before.coldRequests,
    voiceConnections: now.voiceConnections - before.voiceConnections,
  };
}
