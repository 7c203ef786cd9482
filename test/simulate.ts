/**
 * `npm run simulate -- --calls 10000`: calls in simulated time, with everything going wrong that can, and
 * what must hold checked all the while. Exits with 1 where it did not.
 *
 *   --calls N    at least so many calls; 1000 when not given
 *   --seed S     the first seed; 1 when not given
 *   --only S     this seed alone, with the last of what happened in it
 *   --swarm JSON with --only: made of this instead of what the seed draws, as shrinking prints it
 *   --mutant M   with the planted bug of this name: fails as soon as it is caught
 *   --threads N  as many as there are processors when not given
 *   --json       the summary as JSON
 */
import { parseArgs } from 'node:util';
import { mutants } from './mutants/mutants.ts';
import { Fleet, type SeedReport } from './simulation/fleet.ts';
import { INVARIANTS } from './simulation/invariants.ts';
import { Progress } from './simulation/progress.ts';
import { Random } from './simulation/random.ts';
import { shrink } from './simulation/shrink.ts';
import { drawSwarm, type Swarm } from './simulation/swarm.ts';
import { Tally } from './simulation/tally.ts';

/** The last of what happened, with a failure. */
const LINES = 40;

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    swarm: { type: 'string' },
    mutant: { type: 'string' },
    threads: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const mutant =
  values.mutant === undefined ? undefined : mutants.find(({ name }) => name === values.mutant);
if (values.mutant !== undefined && !mutant) {
  console.error(`expected a mutant, one of:\n  ${mutants.map(({ name }) => name).join('\n  ')}`);
  process.exit(2);
}
const calls = wholeNumber('calls', values.calls);
const firstSeed = wholeNumber('seed', values.seed);
const threads = values.threads === undefined ? undefined : wholeNumber('threads', values.threads);
const only = values.only === undefined ? undefined : wholeNumber('only', values.only);
const fleet = new Fleet({ mutant, threads: only === undefined ? threads : 1 });
const failed = only === undefined ? await runMany() : await runOne(only);
await fleet.close();
process.exit(failed ? 1 : 0);

async function runOne(seed: number): Promise<boolean> {
  const swarm = values.swarm === undefined ? undefined : (JSON.parse(values.swarm) as Swarm);
  const report = await fleet.run(seed, swarm);
  console.log(failureText(report));
  return report.violations.length > 0;
}

async function runMany(): Promise<boolean> {
  const startMs = performance.now();
  const tally = new Tally();
  const progress = new Progress(calls);
  const running = new Set<Promise<void>>();
  let seed = firstSeed;
  // Which seeds are run depends on their number of calls alone, and so does the hash over them.
  for (let planned = 0; planned < calls; ) {
    if (mutant && tally.failed.length > 0) break;
    const swarm = drawSwarm(new Random(seed));
    planned += swarm.calls + 1;
    const run = fleet.run(seed).then((report) => {
      tally.add(report);
      progress.show(tally);
      running.delete(run);
    });
    running.add(run);
    seed += 1;
    if (running.size >= 2 * fleet.threads) await Promise.race(running);
  }
  await Promise.all(running);
  progress.end();
  const seconds = (performance.now() - startMs) / 1000;
  const [first] = tally.failed.toSorted((a, b) => a.seed - b.seed);
  if (first && !mutant && !values.json) await tellShrunk(first);
  console.log(values.json ? JSON.stringify(tally.summary(seconds)) : tally.text(seconds));
  return tally.failed.length > 0;
}

async function tellShrunk(report: SeedReport): Promise<void> {
  const { seed } = report;
  const swarm = drawSwarm(new Random(seed));
  const smaller = await shrink(report, swarm, (each) => fleet.run(seed, each));
  console.log(failureText(smaller.report));
  console.log(`made smaller in ${smaller.tries} runs; again with`);
  console.log(`  npm run simulate -- --only ${seed} --swarm '${JSON.stringify(smaller.swarm)}'\n`);
}

function failureText({ seed, hash, violations, faults, lines }: SeedReport): string {
  return [
    ...lines.slice(-LINES),
    `SEED ${seed}  hash ${hash}`,
    `faults ${faults.map(([kind, count]) => `${kind} ${count}`).join(', ') || 'none'}`,
    ...violations.map(
      ({ invariant, detail, atMs }) =>
        `VIOLATION at ${Math.round(atMs)} ms: ${INVARIANTS[invariant]} (${invariant})\n  ${detail}`,
    ),
  ].join('\n');
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  console.error(`expected a whole number for --${name}`);
  process.exit(2);
}
