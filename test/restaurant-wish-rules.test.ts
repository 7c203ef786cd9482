import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { localTime } from '../src/restaurant/local-time.ts';
import {
  bookableTimes,
  checkWish,
  largestParty,
  slotsOf,
  startsAtOf,
} from '../src/restaurant/wish-rules.ts';
import { everyDay, profileWith } from './support/restaurant-profile.ts';

/** A Tuesday. */
const NOW = Date.parse('2026-12-01T12:00:00+01:00');
const GOOD = { date: '2026-12-03', time: '19:30', partySize: 4 };
const ALWAYS = everyDay([{ from: '00:00', to: '24:00' }]);
const MINUTE_MS = 60_000;

const profile = profileWith({
  exceptions: [{ date: '2026-12-24', open: [] }],
  reservations: { maxPartySize: 8, horizonDays: 30, leadMinutes: 120, lastSeatingMinutes: 60 },
});
const check = (changes: object, nowMs = NOW) => checkWish(profile, { ...GOOD, ...changes }, nowMs);

test('a wish that keeps to the rules is not refused', () => {
  assert.equal(check({}), undefined);
});

test('a date or time that does not exist, or is written otherwise, is no slot', () => {
  for (const date of [
    '2026-02-30',
    '2026-13-01',
    '3.12.2026',
    '20261203',
    '',
    '2026-12-03T19:30',
  ]) {
    assert.equal(check({ date }), 'notASlot', date);
  }
  for (const time of ['24:00', '19:60', '7:30', '19.30', '', '19:30:00', '7 pm']) {
    assert.equal(check({ time }), 'notASlot', time);
  }
});

test('a booking begins on a multiple of slotMinutes', () => {
  const everyHalf = profileWith({ reservations: { slotMinutes: 30 } });
  const at = (time: string) => checkWish(everyHalf, { ...GOOD, time }, NOW);
  assert.deepEqual(['19:00', '19:15', '19:20', '19:30'].map(at), [
    undefined,
    'notASlot',
    'notASlot',
    undefined,
  ]);
  assert.equal(check({ time: '19:15' }), undefined);
});

test('a party is as large as the rules and the seats allow, and has somebody in it', () => {
  const sizes = [-1, 0, 1, 2.5, 8, 9, Number.NaN, Number.POSITIVE_INFINITY];
  assert.deepEqual(
    sizes.filter((partySize) => check({ partySize }) === undefined),
    [1, 8],
  );
  assert.equal(check({ partySize: 9 }), 'partyTooLarge');
  const tables = [{ seats: 2, count: 2 }];
  assert.equal(largestParty(profileWith({ reservations: { seating: { tables } } })), 4);
  assert.equal(largestParty(profileWith({ reservations: { seating: { guests: 3 } } })), 3);
});

test('what is past, too soon or too far away is told apart', () => {
  const open = profileWith({
    hours: ALWAYS,
    reservations: { leadMinutes: 120, horizonDays: 30, lastSeatingMinutes: 0 },
  });
  const at = (date: string, time: string) => checkWish(open, { ...GOOD, date, time }, NOW);
  assert.equal(at('2026-11-30', '19:30'), 'past');
  assert.equal(at('2026-12-01', '11:45'), 'past');
  assert.equal(at('2026-12-01', '12:00'), 'tooSoon');
  assert.equal(at('2026-12-01', '13:45'), 'tooSoon');
  assert.equal(at('2026-12-01', '14:00'), undefined);
  assert.equal(at('2026-12-31', '23:45'), undefined);
  assert.equal(at('2027-01-01', '00:00'), 'tooFar');
});

test('a closed day and an hour outside the hours are told apart', () => {
  assert.equal(check({ date: '2026-12-24' }), 'closed');
  assert.equal(check({ time: '17:45' }), 'outsideHours');
  assert.equal(check({ time: '18:00' }), undefined);
  assert.equal(check({ time: '21:00' }), undefined, 'an hour before the kitchen closes');
  assert.equal(check({ time: '21:15' }), 'outsideHours');
});

test('that it is closed is told before that it would be too soon', () => {
  const closedToday = profileWith({ exceptions: [{ date: '2026-12-01', open: [] }] });
  const wish = { date: '2026-12-01', time: '12:30', partySize: 2 };
  assert.equal(checkWish(closedToday, wish, NOW), 'closed');
});

test('after midnight the hours of the day before count', () => {
  const late = profileWith({
    hours: everyDay([{ from: '18:00', to: '02:00' }]),
    exceptions: [
      { date: '2026-12-04', open: [] },
      { date: '2026-12-05', open: [] },
    ],
  });
  const at = (date: string, time: string) => checkWish(late, { ...GOOD, date, time }, NOW);
  assert.equal(at('2026-12-03', '00:45'), undefined);
  assert.equal(at('2026-12-03', '01:15'), 'outsideHours', 'after the last seating');
  assert.equal(at('2026-12-04', '00:45'), undefined, 'of the night before a closed day');
  assert.equal(at('2026-12-04', '19:00'), 'closed');
  assert.equal(at('2026-12-05', '00:45'), 'closed');
});

test('a time that the clocks skip is no slot', () => {
  const open = profileWith({ hours: ALWAYS, reservations: { horizonDays: 365 } });
  const at = (date: string, time: string) => checkWish(open, { ...GOOD, date, time }, NOW);
  assert.equal(at('2027-03-28', '02:30'), 'notASlot');
  assert.equal(at('2027-03-28', '01:45'), undefined);
  assert.equal(at('2027-03-28', '03:00'), undefined);
  assert.ok(!bookableTimes(open, '2027-03-28').includes('02:30'));
  assert.ok(bookableTimes(open, '2027-03-27').includes('02:30'));
});

test('a stay lasts its minutes of real time, over a change of the clocks too', () => {
  const open = profileWith({ hours: ALWAYS, reservations: { stayMinutes: 120 } });
  const endOf = (date: string, time: string) => {
    const slots = slotsOf(open, { date, time });
    assert.equal(slots.length, 8);
    assert.equal((slots[0] ?? 0) * MINUTE_MS, startsAtOf(open, { date, time }));
    return localTime(open.timeZone, ((slots.at(-1) ?? 0) + 15) * MINUTE_MS).time;
  };
  assert.equal(endOf('2026-12-03', '01:00'), '03:00');
  assert.equal(endOf('2026-03-29', '01:00'), '04:00', 'the clocks went forward');
  assert.equal(endOf('2026-10-25', '01:00'), '02:00', 'the clocks went back');
});

test('stays share a slot when they overlap, and only then, under any length of slots', () => {
  const lengths = fc.constantFrom(15, 30, 60);
  const zone = fc.constantFrom('Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe');
  const booking = fc.record({ slotMinutes: lengths, index: fc.integer({ min: 0, max: 95 }) });
  fc.assert(
    fc.property(booking, booking, zone, (one, other, timeZone) => {
      // The clocks of Lord Howe go half an hour forward that night.
      const [first, second] = [one, other].map(({ slotMinutes, index }) => {
        const minute = Math.floor((index * 15) / slotMinutes) * slotMinutes;
        const parts = [Math.floor(minute / 60), minute % 60];
        const time = parts.map((part) => String(part).padStart(2, '0')).join(':');
        const house = profileWith({ timeZone, reservations: { slotMinutes, stayMinutes: 120 } });
        const wish = { date: '2026-10-04', time };
        return { startsAt: startsAtOf(house, wish), slots: slotsOf(house, wish) };
      });
      const distanceMs = Math.abs((first?.startsAt ?? 0) - (second?.startsAt ?? 0));
      const shared = first?.slots.some((slot) => second?.slots.includes(slot));
      assert.equal(shared, distanceMs < 120 * MINUTE_MS);
    }),
  );
});

test('the times of a day are those that the rules do not refuse', () => {
  const house = profileWith({
    hours: {
      ...everyDay([
        { from: '12:00', to: '14:30' },
        { from: '18:00', to: '01:00' },
      ]),
      monday: [],
    },
    reservations: { slotMinutes: 15, leadMinutes: 60, horizonDays: 20 },
  });
  const quarters = Array.from({ length: 96 }, (_, index) => {
    const parts = [Math.floor(index / 4), (index % 4) * 15];
    return parts.map((part) => String(part).padStart(2, '0')).join(':');
  });
  fc.assert(
    fc.property(fc.integer({ min: -1, max: 22 }), (days) => {
      const date = localTime(house.timeZone, NOW + days * 1440 * MINUTE_MS).date;
      const allowed = quarters.filter(
        (time) => checkWish(house, { date, time, partySize: 2 }, NOW) === undefined,
      );
      assert.deepEqual(bookableTimes(house, date, NOW), allowed);
    }),
    { numRuns: 24 },
  );
  assert.deepEqual(bookableTimes(house, '2026-12-07'), ['00:00'], 'Monday, after a Sunday night');
  assert.deepEqual(bookableTimes(house, '2026-12-08')[0], '12:00');
  assert.deepEqual(bookableTimes(house, '2026-02-30'), []);
});
