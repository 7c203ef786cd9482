import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { Fleet } from './simulation/fleet.ts';
import { Random } from './simulation/random.ts';
import { drawSwarm, withoutFaults } from './simulation/swarm.ts';

const fleet = new Fleet({ threads: 2 });
after(() => fleet.close());

test('what must hold holds in simulated calls, whatever fails around them', async () => {
  const reports = await Promise.all(seeds(1, 16).map((seed) => fleet.run(seed)));
  for (const { seed, violations, lines } of reports) {
    assert.deepEqual(violations, [], `seed ${seed}\n${lines.slice(-30).join('\n')}`);
  }
  const faults = new Set(reports.flatMap((report) => report.faults.map(([kind]) => kind)));
  assert.ok(faults.size > 15, `expected many kinds of faults, got ${[...faults]}`);
});

test('an end that Twilio tells while the database is slow outlives the process', async () => {
  const { rates, ...swarm } = drawSwarm(new Random(476));
  const { violations } = await fleet.run(476, {
    ...swarm,
    calls: 10,
    arrivalsMs: 10_000,
    patience: 4,
    kills: 2,
    drains: 0,
    rates: { ...withoutFaults(rates), databaseSlow: 1 },
  });
  assert.deepEqual(violations, []);
});

test('only what neither database nor disk takes is lost by a process that goes', async () => {
  const { violations, faults } = await fleet.run(1_006_912);
  assert.deepEqual(violations, []);
  assert.ok(faults.some(([kind]) => kind === 'leftNowhere'));
});

test('a seed is the same again: in the same process, and in another', async () => {
  const own = [];
  for (const seed of [3, 17]) own.push(await fleet.run(seed), await fleet.run(seed));
  const hashes = own.map(({ hash }) => hash);
  assert.equal(hashes[0], hashes[1]);
  assert.equal(hashes[2], hashes[3]);
  const program = ['test/simulate.ts', '--only', '17'];
  const { stdout } = await promisify(execFile)(process.execPath, program);
  assert.match(stdout, new RegExp(`SEED 17 {2}hash ${hashes[2]}`));
});

test('time passes only in the simulation', async () => {
  const startMs = performance.now();
  const { simulatedMs } = await fleet.run(5);
  assert.ok(simulatedMs > 30_000);
  assert.ok(performance.now() - startMs < simulatedMs / 2);
});

function seeds(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => first + at);
}
