/**
 * `npm run scale -- --calls 100 --replicas 3`: short calls to several servers that share a PostgreSQL,
 * behind a balancer that draws one for every request. Shows where the parts of each call came to. Exits
 * with 1 where a call or its record is not whole.
 *
 *   --calls N     100 when not given
 *   --replicas N  3 when not given
 *   --seed S      repeats the balancer's choices
 */
import { parseArgs } from 'node:util';
import { percentile } from '../src/percentile.ts';
import { postgresBinaries } from '../src/stress-bookings/embedded-postgres.ts';
import { type CallPath, placeCalls, type ReplicaCalls } from './support/replica-calls.ts';
import { type ReplicaFleet, startFleet } from './support/replica-fleet.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100' },
    replicas: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
  },
});
const [calls, replicas, seed] = [values.calls, values.replicas, values.seed].map(Number) as [
  number,
  number,
  number,
];
if (![calls, replicas, seed].every((value) => Number.isInteger(value) && value > 0)) {
  console.error('expected --calls, --replicas and --seed: whole numbers from 1');
  process.exit(2);
}
const binaries = postgresBinaries();
if (!binaries) {
  console.error('expected binaries of PostgreSQL for this platform, there are none');
  process.exit(2);
}
const fleet = await startFleet({ replicas, binaries, seed });
const startMs = performance.now();
const placed = await placeCalls(fleet, calls);
const seconds = (performance.now() - startMs) / 1000;
const isWhole = await report(fleet, placed);
await fleet.close();
process.exit(isWhole ? 0 : 1);

async function report({ query }: ReplicaFleet, { reports, paths }: ReplicaCalls): Promise<boolean> {
  const records = await query('select call_sid, outcome from calls where outcome_is_own = 1');
  const recorded = new Set(records.map(({ call_sid }) => call_sid));
  const broken = reports.filter(({ callSid, scriptError, violations, verbs }) => {
    return (
      !recorded.has(callSid) || scriptError || violations.length > 0 || !verbs.includes('Dial')
    );
  });
  const answers = reports.flatMap(({ timeline }) =>
    timeline.filter(({ type }) => type === 'webhook').map(({ tookMs = 0 }) => tookMs),
  );
  console.log(`${calls} calls to ${replicas} replicas in ${seconds.toFixed(1)} s, seed ${seed}\n`);
  printPaths(paths);
  console.log(`\nrecords ${records.length}, broken calls ${broken.length}`);
  const [p50, p95] = [0.5, 0.95].map((share) => percentile(answers, share).toFixed(0));
  console.log(`webhooks ${answers.length}: p50 ${p50} ms, p95 ${p95} ms`);
  for (const { callSid, scriptError, verbs } of broken) {
    console.log(`  ${callSid} ${verbs.join(' ')} ${scriptError ?? ''}`);
  }
  return broken.length === 0 && records.length === calls;
}

/** How many calls took which way: webhook, socket and `/continue`, by replica. */
function printPaths(paths: readonly CallPath[]): void {
  const ways = new Map<string, number>();
  for (const { webhook, socket, continued } of paths) {
    const way = [webhook, socket, continued].map((at) => String(at ?? '-').padStart(9)).join('');
    ways.set(way, (ways.get(way) ?? 0) + 1);
  }
  console.log('  webhook   socket continue    calls');
  for (const [way, count] of [...ways].sort()) console.log(`${way}${String(count).padStart(9)}`);
}
