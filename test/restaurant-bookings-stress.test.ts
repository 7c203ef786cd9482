import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OccupancyRow, ReservationRow } from '../src/journal/schema.ts';
import { History } from '../src/stress-bookings/history.ts';
import { houseWith, type Seats } from '../src/stress-bookings/house.ts';
import { judgeDeeds } from '../src/stress-bookings/judge-deeds.ts';
import { judgeSeating } from '../src/stress-bookings/judge-seating.ts';
import type { Operation, OperationOutcome } from '../src/stress-bookings/operation.ts';
import { stressBookings } from '../src/stress-bookings/stress-run.ts';
import { onBothDatabases } from './support/databases.ts';

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: nothing is lost or doubled while processes are killed`, async (t) => {
    const { options } = await freshDatabase(t);
    const store = options.url ? { url: options.url } : { directory: options.directory! };
    const seats: Seats = kind === 'sqlite' ? 'tables' : 'guests';
    const load = { operations: 400, processes: 3, kills: 3, seed: 7 };
    const figures = await stressBookings({ store, seats, ...load });
    assert.deepEqual(figures.violations, []);
    assert.equal(figures.asked, 400);
    assert.equal(figures.acknowledged + figures.lost + figures.unavailable, 400);
    assert.ok(figures.kills > 0, 'expected some to be killed');
    for (const done of ['hold', 'confirm', 'cancel']) assert.ok(figures.done[done], done);
    assert.ok(figures.refused.full, 'expected a full house');
    assert.ok(figures.repeated > 0, 'expected repeats');
  });
});

const WISH = { date: '2026-12-11', time: '19:00', partySize: 2 };
const STARTS_AT = Date.parse('2026-12-11T19:00:00Z');

test('the judge sees nothing wrong where nothing is', () => {
  const { history, rows } = oneBooking();
  assert.deepEqual(judgeDeeds(history.deeds, rows), []);
});

test('the judge sees what was acknowledged and is lost, invented, moved or doubled', () => {
  const kinds = (change: (rows: ReturnType<typeof oneBooking>['rows']) => void) => {
    const { history, rows } = oneBooking();
    change(rows);
    return judgeDeeds(history.deeds, rows).map(({ kind }) => kind);
  };
  const [row] = oneBooking().rows.reservations;
  const put = (columns: Partial<ReservationRow>) =>
    kinds(({ reservations }) => Object.assign(reservations[0]!, columns));
  assert.deepEqual(put({ status: 'held' }), ['lost']);
  assert.deepEqual(put({ status: 'cancelled' }), ['lost', 'invented']);
  assert.deepEqual(put({ time: '19:15' }), ['moved']);
  assert.deepEqual(put({ call_sid: 'nobody' }), ['invented', 'lost']);
  assert.deepEqual(
    kinds(({ reservations }) => reservations.pop()),
    ['lost'],
  );
  assert.deepEqual(
    kinds(({ reservations }) => reservations.push({ ...row!, id: 'r2' })),
    ['doubled'],
  );
  assert.deepEqual(
    kinds(({ operations }) => operations.pop()),
    ['repeat'],
  );
});

test('the judge sees a cancelled booking that lives, and answers that differ', () => {
  const { history, rows, ask } = oneBooking();
  const cancel: Operation = { kind: 'cancel', key: 'c', id: 'r1' };
  const cancelled = ask(cancel, booked('cancelled'));
  rows.operations.push({ key: 'c', at: 0, result: JSON.stringify(booked('cancelled')) });
  const kinds = () => judgeDeeds(history.deeds, rows).map(({ kind }) => kind);
  assert.deepEqual(kinds(), ['undone']);
  rows.reservations[0]!.status = 'cancelled';
  assert.deepEqual(kinds(), []);
  history.acknowledge(cancelled, { done: false, reason: 'unknown' }, 0);
  assert.deepEqual(kinds(), ['repeat']);
});

test('the judge allows either end of an operation that was cut off', () => {
  const { history, rows } = oneBooking();
  history.begin({ kind: 'cancel', key: 'c', id: 'r1' }, 0);
  history.begin({ kind: 'change', key: 'd', id: 'r1', wish: { ...WISH, time: '20:00' } }, 0);
  const [row] = rows.reservations;
  for (const columns of [{}, { time: '20:00' }, { status: 'cancelled' as const }]) {
    Object.assign(row!, columns);
    assert.deepEqual(judgeDeeds(history.deeds, rows), []);
  }
  Object.assign(row!, { status: 'expired' });
  assert.deepEqual(
    judgeDeeds(history.deeds, rows).map(({ kind }) => kind),
    ['lost'],
  );
});

test('the judge sees a hold that was confirmed too late', () => {
  const { history, rows } = oneBooking({ confirmedAt: 31_000 });
  assert.deepEqual(
    judgeDeeds(history.deeds, rows).map(({ kind }) => kind),
    ['lapsed'],
  );
});

test('the judge counts who sits where, by tables and by guests', () => {
  const parties = (...sizes: number[]) =>
    sizes.map((party_size, n) => bookingRow({ id: `r${n}`, party_size }));
  const overCapacity = (seats: Seats, ...sizes: number[]) => {
    const { seating } = houseWith(seats).reservations;
    const found = judgeSeating(seating, { reservations: parties(...sizes), occupancy: [] });
    return found.filter(({ kind }) => kind === 'overCapacity').length;
  };
  assert.equal(overCapacity('tables', 2, 2, 4, 6), 0);
  assert.equal(overCapacity('tables', 8, 2, 4), 0);
  assert.equal(overCapacity('tables', 3, 5, 3, 1), 4);
  assert.equal(overCapacity('tables', 1, 1, 1, 1, 1), 4);
  assert.equal(overCapacity('guests', 7, 7), 0);
  assert.equal(overCapacity('guests', 7, 7, 1), 4);
});

test('the judge sees places that are missing, too many, too small or nobody’s', () => {
  const { seating } = houseWith('tables').reservations;
  const places = (place: string, ...quarters: number[]): OccupancyRow[] =>
    quarters.map((quarter) => ({
      place,
      slot: STARTS_AT / 60_000 + quarter * 15,
      reservation_id: 'r1',
    }));
  const problems = (columns: Partial<ReservationRow>, occupancy: OccupancyRow[]) =>
    judgeSeating(seating, { reservations: [bookingRow(columns)], occupancy }).length;
  const whole = places('t2-2', 0, 1, 2, 3);
  assert.equal(problems({}, whole), 0);
  assert.ok(problems({}, []) > 0);
  assert.ok(problems({}, places('t2-2', 0, 1, 2)) > 0);
  assert.ok(problems({}, places('t2-2', 1, 2, 3, 4)) > 0);
  assert.ok(problems({}, places('t2-3', 0, 1, 2, 3)) > 0);
  assert.ok(problems({}, [...places('t2-1', 0, 1), ...places('t2-2', 2, 3)]) > 0);
  assert.ok(problems({ party_size: 3 }, whole) > 0);
  assert.ok(problems({ starts_at: STARTS_AT + 1 }, whole) > 0);
  assert.ok(problems({ status: 'cancelled' }, whole) > 0);
});

/** Held and confirmed, and so it is in the database. The hold lasts 30 s. */
function oneBooking({ confirmedAt = 1000 } = {}) {
  const history = new History();
  const ask = (operation: Operation, outcome: OperationOutcome, at = 0) => {
    const deed = history.begin(operation, at);
    history.acknowledge(deed, outcome, at);
    return deed;
  };
  const held = { ...booked('held'), expiresAt: 30_000 };
  ask({ kind: 'hold', key: 'a', hold: { ...WISH, name: 'Anna', callSid: 'a' } }, held);
  ask({ kind: 'confirm', key: 'b', id: 'r1' }, booked('confirmed'), confirmedAt);
  const rows = {
    reservations: [bookingRow({})],
    operations: [
      { key: 'a', at: 0, result: JSON.stringify(held) },
      { key: 'b', at: 0, result: JSON.stringify(booked('confirmed')) },
    ],
  };
  return { history, rows, ask };
}

function booked(status: ReservationRow['status']) {
  return { done: true, reservation: { ...WISH, id: 'r1', status, name: 'Anna' } } as const;
}

function bookingRow(columns: Partial<ReservationRow>): ReservationRow {
  return {
    id: 'r1',
    call_sid: 'a',
    status: 'confirmed',
    party_size: WISH.partySize,
    date: WISH.date,
    time: WISH.time,
    starts_at: STARTS_AT,
    ends_at: STARTS_AT + 3_600_000,
    name: 'Anna',
    name_key: 'anna',
    phone: null,
    phone_last4: null,
    note: null,
    expires_at: null,
    created_at: 0,
    updated_at: 0,
    ...columns,
  };
}
