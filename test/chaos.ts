/**
 * `npm run chaos`: real servers are killed, stopped, told to go and cut off in the midst of calls, and the
 * calls must go on. Shows, for each scenario, what callers heard of it and what the records hold. Exits
 * with 1 where a promise was broken.
 *
 *   --only kill,single   of calm, drain, rolling, kill, single, cut, halfOpen, stall, paused; all when not given
 *   --runs N             of each; the full number when not given
 *   --seed S             1 when not given
 *   --at-once N          calls side by side, each with servers of its own; 4 when not given
 *   --lost redirect|delayed|ends   what Twilio does when a socket dies: asks at once (when not given), asks
 *                        after 1.5 s, or ends the call with an error
 *   --json               the figures as JSON
 */
import { parseArgs } from 'node:util';
import type { SocketLoss } from '../src/simulators/twilio/twiml-runner.ts';
import { postgresBinaries } from '../src/stress-bookings/embedded-postgres.ts';
import { brokenOf, Progress, tableOf } from './chaos/chaos-report.ts';
import { runScenario, SCENARIO_NAMES } from './chaos/scenarios.ts';
import type { Summary } from './chaos/tally.ts';
import { recordDialogue } from './chaos/world.ts';

const LOSSES: Record<string, SocketLoss> = {
  redirect: { leadsTo: 'redirect', afterMs: 0 },
  delayed: { leadsTo: 'redirect', afterMs: 1500 },
  ends: { leadsTo: 'error', afterMs: 0 },
};

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '4' },
    lost: { type: 'string', default: 'redirect' },
    json: { type: 'boolean', default: false },
  },
});
const names = values.only?.split(',') ?? SCENARIO_NAMES;
const unknown = names.find((name) => !SCENARIO_NAMES.includes(name));
if (unknown !== undefined) refuse(`--only of ${SCENARIO_NAMES.join(', ')}`);
const socketLoss = LOSSES[values.lost] ?? refuse(`--lost of ${Object.keys(LOSSES).join(', ')}`);
const binaries = postgresBinaries() ?? refuse('binaries of PostgreSQL for this platform');
const runs = values.runs === undefined ? undefined : wholeNumber('runs', values.runs);
const atOnce = wholeNumber('at-once', values['at-once']);
const seed = wholeNumber('seed', values.seed);

for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(1));
const recordings = await recordDialogue();
const summaries: Summary[] = [];
for (const name of names) {
  const progress = new Progress();
  const world = { recordings, binaries, seed, socketLoss };
  const onProgress = progress.show.bind(progress);
  summaries.push(await runScenario(name, world, { runs, atOnce, onProgress }));
  progress.end();
}
if (values.json) console.log(JSON.stringify(summaries));
else console.log(`${tableOf(summaries)}\n${brokenOf(summaries)}`);
process.exit(summaries.some(({ broken }) => broken.length > 0) ? 1 : 0);

function wholeNumber(name: string, given: string): number {
  return /^[1-9]\d{0,8}$/.test(given) ? Number(given) : refuse(`a whole number for --${name}`);
}

function refuse(expected: string): never {
  console.error(`expected ${expected}`);
  process.exit(2);
}
