import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { percentile } from '../src/percentile.ts';
import { readAnalysis } from '../src/report/analysis.ts';
import { readReport } from '../src/report/read-report.ts';
import {
  addValue,
  histogramOf,
  LONGEST_MS,
  percentileOf,
  type ValueCounts,
} from '../src/report/value-counts.ts';
import { wholeDays } from '../src/report/whole-days.ts';
import { freshSqlite, onBothDatabases } from './support/databases.ts';
import { callRow, turnRow } from './support/journal-rows.ts';

const BERLIN = 'Europe/Berlin';

function counted(values: readonly number[]): ValueCounts {
  const counts: ValueCounts = new Map();
  for (const ms of values) addValue(counts, ms);
  return counts;
}

test('percentiles of counted values are those of the values, to the millisecond', () => {
  const values = fc.array(fc.double({ min: 0, max: LONGEST_MS, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
      assert.equal(percentileOf(counted(given), share), Math.round(percentile(given, share)));
    }),
  );
  assert.equal(percentileOf(counted([]), 0.5), null);
});

test('a histogram counts each value once, in the bin that begins at or before it', () => {
  const { binMs, counts } = histogramOf(counted([0, 24, 25, 26, 99, 100, 5000, -3]), 25, 4);
  assert.equal(binMs, 25);
  assert.deepEqual(counts, [3, 2, 0, 1, 2]);
});

test('values beyond the longest take no more room', () => {
  const counts = counted(Array.from({ length: 1000 }, (_, index) => LONGEST_MS + index));
  assert.equal(counts.size, 1);
  assert.equal(percentileOf(counts, 0.5), LONGEST_MS);
});

test('whole days are as long as their zone has them', () => {
  const { from, to } = wholeDays('2026-10-25', '2026-10-25', BERLIN);
  assert.equal(to - from, 25 * 3_600_000);
  assert.throws(() => wholeDays('2026-02-30', '2026-03-01', BERLIN), RangeError);
  assert.throws(() => wholeDays('2026-02-01', '2026-03-01', 'Mars/Base'), RangeError);
});

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: an analysis is the report with how the answers' times were spread`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const starts = ['2026-11-01T09:00:00+01:00', '2026-11-03T09:00:00+01:00'];
    const calls = Array.from({ length: 410 }, (_, index) => ({
      call_sid: `CA${index}`,
      started_at: Date.parse(starts[index % 2]!),
      outcome: 'completed',
    }));
    await database.db.insertInto('calls').values(calls.map(callRow)).execute();
    const turns = calls.map(({ call_sid }, index) => {
      const response = index % 2 ? 3500 : 510.4;
      return turnRow({ call_sid, latencies: JSON.stringify({ response, endpoint: 310 }) });
    });
    await database.db.insertInto('turns').values(turns).execute();
    const period = wholeDays('2026-11-01', '2026-11-03', BERLIN);
    const { histograms, ...report } = await readAnalysis(database, period);
    assert.deepEqual(report, await readReport(database, period));
    assert.deepEqual(
      report.days.map(({ date, figures }) => [date, figures.calls, figures.latenciesMs.response]),
      [
        ['2026-11-01', 205, { p50: 510, p95: 510 }],
        ['2026-11-03', 205, { p50: 3500, p95: 3500 }],
      ],
    );
    const { binMs, counts } = histograms.response;
    assert.deepEqual([binMs, counts.length], [25, 121]);
    assert.deepEqual([counts[20], counts[120]], [205, 205]);
    assert.equal(histograms.endpoint.counts[12], 410);
    assert.equal(
      histograms.queue.counts.reduce((sum, count) => sum + count, 0),
      0,
    );
  });
});

test('a period of more than 400 days is not read', async (t) => {
  const database = await (await freshSqlite(t)).open();
  const longest = wholeDays('2025-11-01', '2026-12-05', BERLIN);
  assert.equal((await readAnalysis(database, longest)).total.calls, 0);
  const longer = wholeDays('2025-11-01', '2026-12-06', BERLIN);
  await assert.rejects(readAnalysis(database, longer), /^RangeError: expected at most 400 days/);
});
