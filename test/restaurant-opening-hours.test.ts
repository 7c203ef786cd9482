import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dayAfter, instantOf, localNow, localTime } from '../src/restaurant/local-time.ts';
import {
  intervalsOn,
  isOpenAt,
  openSpans,
  openUntil,
  staffIsReachable,
} from '../src/restaurant/opening-hours.ts';
import { WEEKDAYS } from '../src/restaurant/profile.ts';
import { everyDay, profileWith } from './support/restaurant-profile.ts';

const HOUR_MS = 3_600_000;
const LATE = everyDay([{ from: '18:00', to: '02:00' }]);

test('the wall clock is that of the restaurant, not of the machine', () => {
  const nowMs = Date.parse('2026-12-24T23:30:00Z');
  assert.deepEqual(localNow({ timeZone: 'Europe/Berlin' }, nowMs), {
    date: '2026-12-25',
    time: '00:30',
    weekday: 'friday',
  });
  assert.equal(localNow({ timeZone: 'America/New_York' }, nowMs).time, '18:30');
  assert.equal(localNow({ timeZone: 'Asia/Kathmandu' }, nowMs).time, '05:15');
});

test('a wall time and its instant are each the other, but for what the clocks skip', () => {
  const minute = fc.integer({ min: 0, max: 2 * 365 * 1440 });
  const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC');
  fc.assert(
    fc.property(minute, zone, (minutes, timeZone) => {
      const atMs = Date.parse('2026-01-01T00:00:00Z') + minutes * 60_000;
      const { date, time } = localTime(timeZone, atMs);
      const back = instantOf(timeZone, date, time);
      // A time that comes twice is the first of the two.
      assert.ok(back <= atMs && atMs - back <= HOUR_MS);
      assert.deepEqual(localTime(timeZone, back), localTime(timeZone, atMs));
    }),
  );
});

test('a time that the clocks skip is an hour later, one that comes twice is the first', () => {
  const utc = (date: string, time: string) =>
    new Date(instantOf('Europe/Berlin', date, time)).toISOString().slice(0, 16);
  assert.equal(utc('2026-03-29', '02:30'), '2026-03-29T01:30');
  assert.equal(utc('2026-10-25', '02:30'), '2026-10-25T00:30');
  assert.equal(utc('2026-10-25', '24:00'), '2026-10-25T23:00');
  assert.throws(() => utc('2026-02-29', '12:00'), RangeError);
});

test('a day has the intervals of its weekday, earliest first', () => {
  const lunch = { from: '12:00', to: '14:30' };
  const dinner = { from: '18:00', to: '22:00' };
  const profile = profileWith({ hours: { tuesday: [dinner, lunch] } });
  assert.deepEqual(intervalsOn(profile, '2026-12-01'), [lunch, dinner]);
  assert.deepEqual(intervalsOn(profile, '2026-12-02'), []);
  assert.throws(() => intervalsOn(profile, '2026-02-30'), RangeError);
});

test('an exception takes the place of the week on its days, and the last one counts', () => {
  const noon = [{ from: '12:00', to: '15:00' }];
  const profile = profileWith({
    exceptions: [
      { date: '2026-12-24', until: '2026-12-26', open: [] },
      { date: '2026-12-25', open: noon },
    ],
  });
  const week = profile.hours.monday;
  const days = ['23', '24', '25', '26', '27'].map((day) => intervalsOn(profile, `2026-12-${day}`));
  assert.deepEqual(days, [week, [], noon, [], week]);
});

test('open from the first minute of an interval until just before its last', () => {
  const profile = profileWith();
  const at = (time: string) => isOpenAt(profile, Date.parse(`2026-12-01T${time}+01:00`));
  assert.deepEqual(['17:59:59.999', '18:00:00.000', '21:59:59.999', '22:00:00.000'].map(at), [
    false,
    true,
    true,
    false,
  ]);
  const evening = Date.parse('2026-12-01T20:00+01:00');
  assert.equal(openUntil(profile, evening), Date.parse('2026-12-01T22:00+01:00'));
});

test('24:00 is the midnight at the end of the day', () => {
  const profile = profileWith({ hours: everyDay([{ from: '18:00', to: '24:00' }]) });
  assert.ok(isOpenAt(profile, Date.parse('2026-12-01T23:59+01:00')));
  assert.ok(!isOpenAt(profile, Date.parse('2026-12-02T00:00+01:00')));
});

test('an interval past midnight belongs to the day on which it begins', () => {
  const exceptions = [{ date: '2026-12-25', open: [] }];
  const profile = profileWith({ hours: LATE, exceptions });
  const at = (moment: string) => isOpenAt(profile, Date.parse(`${moment}+01:00`));
  assert.ok(at('2026-12-25T01:59'), 'the night of the 24th goes on');
  assert.ok(!at('2026-12-25T02:00'));
  assert.ok(!at('2026-12-25T19:00'));
  assert.ok(!at('2026-12-26T01:00'), 'no night of the 25th');
});

test('a night in which the clocks change has an hour less, or an hour more', () => {
  const profile = profileWith({ hours: everyDay([{ from: '18:00', to: '04:00' }]) });
  const hoursOf = (date: string) => {
    const [span] = openSpans(profile, date);
    return ((span?.endMs ?? 0) - (span?.startMs ?? 0)) / HOUR_MS;
  };
  assert.deepEqual(['2026-03-27', '2026-03-28', '2026-10-24'].map(hoursOf), [10, 9, 11]);
});

test('open is what the spans of a day and of the night before say, at any moment', () => {
  const profile = profileWith({
    hours: LATE,
    exceptions: [{ date: '2026-10-24', open: [{ from: '11:00', to: '05:00' }] }],
  });
  const start = Date.parse('2026-10-22T00:00:00Z');
  const spans = Array.from({ length: 8 }, (_, index) => dayAfter('2026-10-21', index)).flatMap(
    (date) => openSpans(profile, date),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 * 1440 }), (minutes) => {
      const atMs = start + minutes * 60_000;
      const expected = spans.some(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
      assert.equal(isOpenAt(profile, atMs), expected);
    }),
  );
});

test('staff can be reached at their own hours, during opening hours, or always', () => {
  const person = { number: '+49301234567', purpose: 'everything' };
  const weekday = Object.fromEntries(
    WEEKDAYS.map((day) => [day, day === 'sunday' ? [] : [{ from: '22:00', to: '01:00' }]]),
  );
  const profile = profileWith({
    exceptions: [{ date: '2026-12-24', open: [] }],
    staff: {
      cook: person,
      owner: { ...person, hours: 'always' },
      night: { ...person, hours: weekday },
    },
  });
  const at = (moment: string) =>
    ['cook', 'owner', 'night', 'nobody', 'toString'].filter((name) =>
      staffIsReachable(profile, name, Date.parse(`${moment}+01:00`)),
    );
  assert.deepEqual(at('2026-12-01T20:00'), ['cook', 'owner']);
  assert.deepEqual(at('2026-12-01T23:00'), ['owner', 'night']);
  assert.deepEqual(at('2026-12-06T00:30'), ['owner', 'night'], "Saturday's night");
  assert.deepEqual(at('2026-12-06T23:00'), ['owner'], 'Sunday');
  assert.deepEqual(at('2026-12-24T20:00'), ['owner'], 'the restaurant is closed');
  assert.deepEqual(at('2026-12-24T23:00'), ['owner', 'night'], 'hours of their own hold');
});
