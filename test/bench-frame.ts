/**
 * `npm run bench:frame`: what one frame of a caller costs on its way from the socket to the windows that
 * voice activity judges: CPU, and what is allocated. Once as Twilio writes it, once with its fields in
 * another order, which JSON.parse reads.
 */
import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { Ears } from '../src/call/ears.ts';
import { percentile } from '../src/percentile.ts';
import type { VoiceActivity } from '../src/turns/voice-activity.ts';
import { WindowQueue } from '../src/turns/window-queue.ts';
import { WINDOW_SAMPLES } from '../src/turns/window-size.ts';
import { MediaStream } from '../src/twilio/media-stream.ts';

const STREAM = `MZ${'1'.repeat(32)}`;
const FRAMES = 20_000;
const REPEATS = 15;
const WARM_UPS = 3;

type Form = (n: number, payload: string) => string;

const FORMS: Record<string, Form> = {
  'as Twilio writes it': (n, payload) =>
    `{"event":"media","sequenceNumber":"${n}","media":{"track":"inbound","chunk":"${n}",` +
    `"timestamp":"${n * 20}","payload":"${payload}"},"streamSid":"${STREAM}"}`,
  'in another order': (n, payload) =>
    `{"event":"media","streamSid":"${STREAM}","sequenceNumber":"${n}","media":{"track":"inbound",` +
    `"chunk":"${n}","timestamp":"${n * 20}","payload":"${payload}"}}`,
};

if (!globalThis.gc) throw new Error('expected --expose-gc: see package.json');
console.log(`${FRAMES} frames, ${REPEATS} times, in turns; median [least-most]`);
const costs = Object.entries(FORMS).map(([name, form]) => ({
  name,
  form,
  nanoseconds: [] as number[],
  bytes: [] as number[],
}));
for (let repeat = -WARM_UPS; repeat < REPEATS; repeat++) {
  for (const { form, nanoseconds, bytes } of costs) {
    const cost = await measure(form);
    if (repeat < 0) continue;
    nanoseconds.push(cost.nanoseconds);
    bytes.push(cost.bytes);
  }
}
for (const { name, nanoseconds, bytes } of costs) {
  console.log(`${name.padEnd(20)} ${spread(nanoseconds)} ns CPU, ${spread(bytes)} bytes allocated`);
}

async function measure(form: Form): Promise<{ nanoseconds: number; bytes: number }> {
  const socket = Object.assign(new EventEmitter(), { readyState: 1, OPEN: 1, CLOSED: 3 });
  const start = {
    callSid: 'CA1',
    streamSid: STREAM,
    accountSid: 'AC1',
    customParameters: new Map(),
  };
  const stream = new MediaStream(socket as unknown as WebSocket, start, 0);
  const ears = new Ears(windowsOnly(), ignore, ignore);
  stream.listen({
    onAudio: (mulaw) => ears.hear(mulaw),
    onLost: ignore,
    onDigit: ignore,
    onEnded: ignore,
    onProblem: (kind) => {
      throw new Error(`expected frames, got ${kind}`);
    },
  });
  const payload = Buffer.alloc(160, 0x55).toString('base64');
  const messages = Array.from({ length: FRAMES }, (_, i) => Buffer.from(form(i + 1, payload)));
  // What is collected frees its memory outside of the heap a moment later.
  for (let times = 0; times < 2; times++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [before, cpu] = [process.memoryUsage(), process.cpuUsage()];
  for (const message of messages) socket.emit('message', message, false);
  const { user, system } = process.cpuUsage(cpu);
  const after = process.memoryUsage();
  socket.readyState = socket.CLOSED;
  stream.close();
  ears.close();
  const bytes = after.heapUsed - before.heapUsed + after.external - before.external;
  return { nanoseconds: ((user + system) * 1000) / FRAMES, bytes: bytes / FRAMES };
}

/** Cuts windows as the real one does, and judges none. */
function windowsOnly(): VoiceActivity {
  const batch = new Int16Array(WINDOW_SAMPLES);
  return {
    open: () => {
      const queue = new WindowQueue();
      return {
        push: (samples) => {
          queue.push(samples);
          if (queue.length > 0) queue.take(batch, 0);
        },
        hurry: ignore,
        close: ignore,
      };
    },
    openStreams: 0,
    close: async () => {},
  };
}

function spread(values: readonly number[]): string {
  const [least, median, most] = [0, 0.5, 1].map((share) => percentile(values, share).toFixed(0));
  return `${median} [${least}-${most}]`;
}

function ignore(): void {}
