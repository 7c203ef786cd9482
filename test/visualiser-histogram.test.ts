import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { analysedDays, completionOf, dayName } from '../src/visualiser/page/analysed-days.ts';
import type { FiguresJson } from '../src/visualiser/page/analysis-json.ts';
import { histogramBars, histogramRows, shareWithin } from '../src/visualiser/page/histogram.ts';
import { periodBack, periodOf, periodProblem } from '../src/visualiser/page/period.ts';
import { linePath, namedDays, valueTicks } from '../src/visualiser/page/plot-scale.ts';
import { promiseTiles } from '../src/visualiser/page/promises.ts';
import { stackOf } from '../src/visualiser/page/stacked-days.ts';

const BIN_MS = 25;

/** As the server makes it: 3 s, and one bin for all that is longer. */
function histogram(values: readonly number[]) {
  const counts = new Array<number>(121).fill(0);
  for (const ms of values) counts[Math.min(120, Math.floor(ms / BIN_MS))]! += 1;
  return { binMs: BIN_MS, counts };
}

const value = fc.double({ min: 0, max: 5000, noNaN: true });

test('every value has its bar or is beyond the axis', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const { bars, toMs, total, beyond, most } = histogramBars(histogram(values));
      for (const { fromMs, toMs: end, count } of bars) {
        assert.equal(count, values.filter((ms) => ms >= fromMs && ms < end).length);
      }
      assert.equal(total, values.length);
      assert.equal(beyond, values.filter((ms) => ms >= toMs).length);
      assert.equal(most, Math.max(...bars.map(({ count }) => count)));
    }),
  );
});

test('an axis ends where nearly all values are, and shows the limit in any case', () => {
  assert.equal(histogramBars(histogram([10, 20, 30])).toMs, 250);
  assert.equal(histogramBars(histogram([10, 20, 30]), 750).toMs, 750);
  assert.equal(histogramBars(histogram([10, 20, 800])).toMs, 1000);
  const oneIsLate = [...new Array<number>(200).fill(400), 2900];
  const { toMs, beyond } = histogramBars(histogram(oneIsLate));
  assert.deepEqual([toMs, beyond], [500, 1]);
  assert.equal(histogramBars(histogram([4000, 4000])).toMs, 3000);
  const none = histogramBars(histogram([]));
  assert.deepEqual([none.total, none.most, none.beyond, none.toMs], [0, 0, 0, 250]);
});

test('the share within a limit is that of the values', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const share = values.filter((ms) => ms < 600).length / values.length;
      assert.equal(shareWithin(histogram(values), 600), share);
    }),
  );
  assert.equal(shareWithin(histogram([5000]), 10_000), 0);
  assert.equal(shareWithin(histogram([]), 600), null);
});

test('the rows of a table count what the bars do', () => {
  const bars = histogramBars(histogram([10, 60, 70, 130, 2000, 2990, 3500]), 500);
  assert.deepEqual(histogramRows({ ...bars, toMs: 150, beyond: 3 }, 100), [
    { name: '0 to 100 ms', count: 3 },
    { name: '100 to 150 ms', count: 1 },
    { name: 'longer than 150 ms', count: 3 },
  ]);
  assert.deepEqual(histogramRows(histogramBars(histogram([10])), 50), [
    { name: '0 to 50 ms', count: 1 },
  ]);
  assert.deepEqual(histogramRows(histogramBars(histogram([])), 50), []);
});

function figures(some: Partial<FiguresJson>): FiguresJson {
  const none = { p50: null, p95: null };
  return {
    calls: 0,
    live: 0,
    completed: 0,
    handedOff: 0,
    voicemail: 0,
    abandoned: 0,
    failed: 0,
    notReached: 0,
    completionShare: null,
    failedShare: null,
    averageDurationS: null,
    turns: 0,
    interruptions: 0,
    reprompts: 0,
    maxDeadAirMs: null,
    latenciesMs: {
      response: none,
      endpoint: none,
      queue: none,
      firstToken: none,
      voice: none,
      wire: none,
    },
    reservations: 0,
    toolCalls: {},
    tags: {},
    ...some,
  };
}

test('days without calls have their place, over the end of summer time, too', () => {
  const days = analysedDays('2026-10-24', '2026-10-27', [
    { date: '2026-10-24', figures: figures({ calls: 2, completed: 1, failed: 1 }) },
    { date: '2026-10-27', figures: figures({ calls: 3, handedOff: 1, live: 1, notReached: 1 }) },
  ]);
  assert.deepEqual(
    days.map((day) => [day.date, day.calls, completionOf(day)]),
    [
      ['2026-10-24', 2, 0.5],
      ['2026-10-25', 0, null],
      ['2026-10-26', 0, null],
      ['2026-10-27', 3, 1],
    ],
  );
});

test('many days are added up to weeks, and nothing is lost', () => {
  const dates = Array.from({ length: 100 }, (_, index) =>
    new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10),
  );
  const given = dates.map((date) => ({ date, figures: figures({ calls: 3, interruptions: 2 }) }));
  const weeks = analysedDays(dates[0]!, dates.at(-1)!, given);
  assert.equal(weeks.length, 15);
  assert.deepEqual(
    weeks.map(({ calls }) => calls),
    [...new Array(14).fill(21), 6],
  );
  assert.equal(weeks[0]!.interruptions, 14);
  assert.equal(dayName(weeks[0]!), '1 Jan – 7 Jan');
  assert.equal(dayName({ date: '2026-10-27', last: '2026-10-27' }), '27 Oct');
});

test('parts of a stack stand upon one another, without gaps', () => {
  assert.deepEqual(stackOf({ a: 2, b: 0, c: 3 }, ['a', 'b', 'c']), [
    { name: 'a', from: 0, to: 2 },
    { name: 'c', from: 2, to: 5 },
  ]);
});

test('the values at an axis are round, and reach around all that is drawn', () => {
  assert.deepEqual(valueTicks(0, 4), [0, 1, 2, 3, 4]);
  assert.deepEqual(valueTicks(0.8, 1), [0.8, 0.85, 0.9, 0.95, 1]);
  const bounds = fc.tuple(fc.double({ min: 0, max: 1e4 }), fc.double({ min: 0.01, max: 1e6 }));
  fc.assert(
    fc.property(bounds, ([least, span]) => {
      fc.pre(!Number.isNaN(least + span));
      const ticks = valueTicks(least, least + span);
      assert.ok(ticks.length >= 2 && ticks.length <= 7, `${ticks}`);
      const tolerance = span * 1e-6;
      assert.ok(ticks[0]! <= least + tolerance && ticks.at(-1)! >= least + span - tolerance);
    }),
  );
});

test('the last day is named, and no more days than there is room for', () => {
  assert.deepEqual(namedDays(7, 500, 50), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(namedDays(30, 300, 60), [5, 11, 17, 23, 29]);
  assert.deepEqual(namedDays(1, 10, 60), [0]);
  assert.deepEqual(namedDays(0, 300, 60), []);
});

test('a line has gaps where there is nothing, and a lone point is seen', () => {
  const at = (x: number) => ({ x, y: 1 });
  assert.equal(linePath([at(0), at(1), null, at(3)]), 'M0.0 1.0L1.0 1.0M3.0 1.0h0.01');
  assert.equal(linePath([null]), '');
});

test('a period is whole days up to today, and can be told from one that is none', () => {
  const now = new Date(2026, 2, 1, 23, 59);
  assert.deepEqual(periodBack(1, now), { from: '2026-03-01', to: '2026-03-01' });
  assert.deepEqual(periodBack(30, now), { from: '2026-01-31', to: '2026-03-01' });
  assert.deepEqual(periodOf('2026-01-31..2026-03-01'), periodBack(30, now));
  for (const argument of ['', 'x', '2026-03-01..2026-01-31', '2026-01-01..2026-99-01']) {
    assert.equal(periodOf(argument), undefined, argument);
  }
  assert.equal(periodProblem({ from: '2025-01-28', to: '2026-03-03' }), undefined);
  assert.match(periodProblem({ from: '2025-01-27', to: '2026-03-03' }) ?? '', /At most 400 days/);
  assert.match(periodProblem({ from: '', to: '2026-03-03' }) ?? '', /Choose two days/);
});

test('each promise is met or missed by its figure, at the limit as well', () => {
  const verdicts = (some: Partial<FiguresJson>) =>
    promiseTiles(figures({ calls: 1, ...some })).map(({ verdict }) => verdict);
  const response = (p95: number) => ({
    latenciesMs: { ...figures({}).latenciesMs, response: { p50: 1, p95 } },
  });
  const [none, open] = [undefined, [undefined, undefined]];
  assert.deepEqual(verdicts({}), [none, none, none, none, ...open]);
  assert.deepEqual(
    verdicts({ ...response(600), failedShare: 0.009, completionShare: 0.91, maxDeadAirMs: 2500 }),
    ['met', 'met', 'met', 'met', ...open],
  );
  assert.deepEqual(
    verdicts({ ...response(601), failedShare: 0.01, completionShare: 0.9, maxDeadAirMs: 5001 }),
    ['missed', 'missed', 'missed', 'missed', ...open],
  );
  assert.equal(verdicts({ maxDeadAirMs: 5000 })[3], 'near');
});
