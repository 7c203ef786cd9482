import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { choosePlaces, type Seating } from '../src/restaurant/place-choice.ts';

const HOUSE: Seating = {
  tables: [
    { seats: 4, count: 2 },
    { seats: 2, count: 2 },
    { seats: 6, count: 1 },
  ],
};
const choose = (partySize: number, ...occupied: string[]) =>
  choosePlaces(HOUSE, new Set(occupied), partySize);

test('a party gets the smallest free table that seats it', () => {
  assert.deepEqual(choose(1), ['t2-1']);
  assert.deepEqual(choose(2, 't2-1'), ['t2-2']);
  assert.deepEqual(choose(2, 't2-1', 't2-2'), ['t4-1']);
  assert.deepEqual(choose(5), ['t6-1']);
});

test('a party that a table could seat is not split over small ones', () => {
  assert.equal(choose(6, 't6-1'), undefined);
  assert.equal(choose(3, 't4-1', 't4-2', 't6-1'), undefined);
});

test('a party larger than any table is put at those with the fewest seats to spare', () => {
  assert.deepEqual(choose(8), ['t4-1', 't4-2']);
  assert.deepEqual(choose(8, 't4-1'), ['t2-1', 't6-1']);
  assert.deepEqual(choose(9), ['t4-1', 't6-1']);
  assert.deepEqual(choose(18)?.sort(), ['t2-1', 't2-2', 't4-1', 't4-2', 't6-1']);
  assert.equal(choose(19), undefined);
  assert.equal(choose(18, 't2-2'), undefined);
});

test('tables that the profile lists twice are different tables', () => {
  const seating = {
    tables: [
      { seats: 2, count: 1 },
      { seats: 2, count: 1 },
    ],
  };
  assert.deepEqual(choosePlaces(seating, new Set(['t2-1']), 2), ['t2-2']);
});

test('where guests are counted a party gets as many seats as it has guests', () => {
  const seating = { guests: 5 };
  assert.deepEqual(choosePlaces(seating, new Set(['s2']), 3), ['s1', 's3', 's4']);
  assert.equal(choosePlaces(seating, new Set(['s2']), 5), undefined);
});

test('a party of nobody is a mistake of the caller', () => {
  for (const size of [0, -1, 1.5, Number.NaN]) assert.throws(() => choose(size), RangeError);
});

const seatings: fc.Arbitrary<Seating> = fc.oneof(
  fc.record({ guests: fc.integer({ min: 1, max: 30 }) }),
  fc.record({
    tables: fc.array(
      fc.record({ seats: fc.integer({ min: 1, max: 8 }), count: fc.integer({ min: 1, max: 3 }) }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
);
/** Written from the profile's words, not from the code under test. */
function placesOf(seating: Seating): Map<string, number> {
  const places = new Map<string, number>();
  if ('guests' in seating) {
    for (let seat = 1; seat <= seating.guests; seat += 1) places.set(`s${seat}`, 1);
    return places;
  }
  for (const { seats, count } of seating.tables) {
    const before = [...places.values()].filter((each) => each === seats).length;
    for (let n = 1; n <= count; n += 1) places.set(`t${seats}-${before + n}`, seats);
  }
  return places;
}
const evenings = seatings.chain((seating) =>
  fc.record({
    seating: fc.constant(seating),
    occupied: fc.subarray([...placesOf(seating).keys()]),
    partySize: fc.integer({ min: 1, max: 20 }),
  }),
);

test('chosen places exist, are free, are different, and seat the party without one to spare', () => {
  fc.assert(
    fc.property(evenings, ({ seating, occupied, partySize }) => {
      const chosen = choosePlaces(seating, new Set(occupied), partySize);
      if (!chosen) return;
      const places = placesOf(seating);
      const seats = chosen.map((place) => places.get(place));
      assert.ok(seats.every((each) => each !== undefined));
      assert.ok(chosen.every((place) => !occupied.includes(place)));
      assert.equal(new Set(chosen).size, chosen.length);
      const sum = seats.reduce((total, each) => total + each!, 0);
      assert.ok(sum >= partySize);
      assert.ok(seats.every((each) => sum - each! < partySize));
    }),
    { numRuns: 1000 },
  );
});

test('places are found whenever there are any, and no others would spare fewer seats', () => {
  fc.assert(
    fc.property(evenings, ({ seating, occupied, partySize }) => {
      const places = placesOf(seating);
      const all = [...places.values()];
      const free = [...places].filter(([place]) => !occupied.includes(place)).map(([, n]) => n);
      const mayJoin = 'guests' in seating || partySize > Math.max(...all);
      const sums = mayJoin ? subsetSums(free) : new Set(free);
      const best = Math.min(...[...sums].filter((sum) => sum >= partySize));
      const chosen = choosePlaces(seating, new Set(occupied), partySize);
      const seats = chosen?.reduce((total, place) => total + places.get(place)!, 0);
      assert.equal(seats ?? Number.POSITIVE_INFINITY, best);
    }),
    { numRuns: 1000 },
  );
});

function subsetSums(values: readonly number[]): Set<number> {
  const sums = new Set([0]);
  for (const value of values) for (const sum of [...sums]) sums.add(sum + value);
  return sums;
}
