/**
 * `npm run bench:visualiser`: what watching many live calls costs the server, and how smoothly the
 * page shows them. The calls are call machines that follow a script: there is no sound.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { percentile } from '../src/percentile.ts';
import { NO_BROWSER, openBrowser } from './support/browser.ts';
import type { WatchedAnswer, WatchedOrder } from './support/watched-process.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
  },
});
const calls = bounded('calls', values.calls, 1, 1000);
const rounds = bounded('rounds', values.rounds, 1, 50);
const seconds = bounded('seconds', values.seconds, 1, 60);

if (NO_BROWSER) {
  console.log(NO_BROWSER);
  process.exit(1);
}
const server = fork(join(import.meta.dirname, 'support/watched-process.ts'), [String(calls)]);
const browser = await openBrowser();
try {
  await measure();
} finally {
  await browser.close();
  server.disconnect();
}

async function measure(): Promise<void> {
  const { url } = (await answerOf(server)) as { url: string };
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  // All calls have begun, and both processes have compiled what they do most.
  await page.goto(`${url}/visualiser/#now`);
  await passes(12);
  const alone: Reading[] = [];
  const watched: Reading[] = [];
  const frames: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await page.goto('about:blank');
    alone.push(await reading());
    await page.goto(`${url}/visualiser/#now`);
    await passes(2);
    const [read, gaps] = await Promise.all([reading(), frameGaps(page)]);
    watched.push(read);
    frames.push(...gaps);
  }
  print(alone, watched, frames);
}

interface Reading {
  /** Of one core, from 0 to 1. */
  cpu: number;
  loopP99Ms: number;
  eventsASecond: number;
  live: number;
}

async function reading(): Promise<Reading> {
  server.send('measure' satisfies WatchedOrder);
  await passes(seconds);
  server.send('report' satisfies WatchedOrder);
  const told = (await answerOf(server)) as Exclude<WatchedAnswer, { url: string }>;
  const { cpuMs, wallMs, loopP99Ms, events, live } = told;
  return { cpu: cpuMs / wallMs, loopP99Ms, eventsASecond: (events * 1000) / wallMs, live };
}

/** Milliseconds between one frame of the page and the next. */
function frameGaps(page: Page): Promise<number[]> {
  return page.evaluate((forMs) => {
    const gaps: number[] = [];
    const frame = globalThis as unknown as {
      requestAnimationFrame(run: (at: number) => void): void;
    };
    return new Promise<number[]>((resolve) => {
      let first: number | undefined;
      let last = 0;
      const next = (at: number) => {
        if (first !== undefined) gaps.push(at - last);
        first ??= at;
        last = at;
        if (at - first < forMs) frame.requestAnimationFrame(next);
        else resolve(gaps);
      };
      frame.requestAnimationFrame(next);
    });
  }, seconds * 1000);
}

function print(alone: Reading[], watched: Reading[], frames: number[]): void {
  const last = watched.at(-1);
  const cost = watched.map(({ cpu }, round) => cpu - (alone[round]?.cpu ?? 0));
  const gap = (share: number) => percentile(frames, share);
  console.log(`${last?.live} call machines that follow a script, without sound;`);
  console.log(`${Math.round(last?.eventsASecond ?? 0)} events a second; ${rounds} rounds\n`);
  line(
    'server alone, % of a core',
    spread(alone, ({ cpu }) => cpu * 100),
  );
  line(
    'one page looks on, % of a core',
    spread(watched, ({ cpu }) => cpu * 100),
  );
  line(
    'cost of looking on, % of a core',
    spread(cost, (share) => share * 100),
  );
  line(
    'event-loop delay p99, ms',
    spread(watched, ({ loopP99Ms }) => loopP99Ms),
  );
  line('frames a second', (frames.length / (sum(frames) / 1000)).toFixed(1));
  line('between frames, ms', `p50 ${ms(gap(0.5))}  p95 ${ms(gap(0.95))}  max ${ms(gap(1))}`);
}

/** Median and range. */
function spread<Each>(of: Each[], value: (each: Each) => number): string {
  const found = of.map(value);
  const at = (share: number) => percentile(found, share).toFixed(1);
  return `${at(0.5)} (${at(0)} to ${at(1)})`;
}

function line(name: string, value: string): void {
  console.log(`${name.padEnd(34)} ${value}`);
}

function sum(found: readonly number[]): number {
  return found.reduce((total, value) => total + value, 0);
}

function ms(value: number): string {
  return value.toFixed(1);
}

async function answerOf(child: ChildProcess): Promise<WatchedAnswer> {
  const [told] = await once(child, 'message', { signal: AbortSignal.timeout(30_000) });
  return told as WatchedAnswer;
}

function passes(forSeconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forSeconds * 1000));
}

function bounded(name: string, given: string, least: number, most: number): number {
  const value = Number(given);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`--${name}: expected a whole number from ${least} to ${most}, got ${given}`);
}
