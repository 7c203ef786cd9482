/**
 * Holds the bookings against the house: whether all of them can sit, by their own times and party
 * sizes, and whether each has the places that it needs. Pure, and without the code under test.
 */
import type { OccupancyRow, ReservationRow } from '../journal/schema.ts';
import type { Seating } from '../restaurant/place-choice.ts';
import type { Violation } from './violation.ts';

export interface Seated {
  reservations: readonly ReservationRow[];
  occupancy: readonly OccupancyRow[];
}

const QUARTER_MS = 15 * 60_000;
const STAY_MS = 60 * 60_000;

export function judgeSeating(seating: Seating, { reservations, occupancy }: Seated): Violation[] {
  const live = reservations.filter(({ status }) => status === 'held' || status === 'confirmed');
  const taken = Map.groupBy(occupancy, ({ reservation_id }) => reservation_id);
  const liveIds = new Set(live.map(({ id }) => id));
  return [
    ...judgeCapacity(seating, live),
    ...live.flatMap((row) => judgePlaces(seating, row, taken.get(row.id) ?? [])),
    ...[...taken.keys()]
      .filter((id) => !liveIds.has(id))
      .map((id): Violation => ({ kind: 'occupancy', about: `${id}: places of no live booking` })),
  ];
}

function judgeCapacity(seating: Seating, live: readonly ReservationRow[]): Violation[] {
  const parties = new Map<number, number[]>();
  for (const row of live) {
    for (const quarter of quartersOf(row)) {
      parties.set(quarter, [...(parties.get(quarter) ?? []), row.party_size]);
    }
  }
  return [...parties]
    .filter(([, sizes]) => !canSit(seating, sizes))
    .map(([quarter, sizes]) => ({
      kind: 'overCapacity',
      about: `${new Date(quarter).toISOString()}: parties of ${sizes.join(', ')}`,
    }));
}

function judgePlaces(
  seating: Seating,
  row: ReservationRow,
  taken: readonly OccupancyRow[],
): Violation[] {
  const quarters = quartersOf(row);
  const places = new Set(taken.map(({ place }) => place));
  const slots = new Set(taken.map(({ slot }) => slot * 60_000));
  const found: Violation[] = [];
  const say = (about: string) => found.push({ kind: 'occupancy', about: `${row.id}: ${about}` });
  if (row.starts_at !== quarters[0] || row.ends_at !== row.starts_at + STAY_MS) say('its times');
  if (taken.length !== places.size * quarters.length) say('not its places all the time');
  if (slots.size !== quarters.length || quarters.some((each) => !slots.has(each))) say('its slots');
  const seats = [...places].reduce((sum, place) => sum + seatsAt(seating, place), 0);
  if (seats < row.party_size) say(`${seats} seats for a party of ${row.party_size}`);
  return found;
}

/** From the date and time that the guest was told: the house is in UTC. */
function quartersOf({ date, time }: ReservationRow): number[] {
  const start = Date.parse(`${date}T${time}Z`);
  return Array.from({ length: STAY_MS / QUARTER_MS }, (_, index) => start + index * QUARTER_MS);
}

/** None at a place that the house does not have. */
function seatsAt(seating: Seating, place: string): number {
  if ('guests' in seating) return /^s\d+$/.test(place) ? 1 : 0;
  const [, seats, number] = /^t(\d+)-(\d+)$/.exec(place) ?? [];
  const table = seating.tables.find((each) => each.seats === Number(seats));
  return table && Number(number) <= table.count ? table.seats : 0;
}

function canSit(seating: Seating, sizes: readonly number[]): boolean {
  if ('guests' in seating) return sizes.reduce((sum, size) => sum + size, 0) <= seating.guests;
  const tables = seating.tables.flatMap(({ seats, count }) => Array<number>(count).fill(seats));
  const largestFirst = [...sizes].sort((one, other) => other - one);
  return sizes.length <= tables.length && canAssign(tables, largestFirst, 0);
}

/**
 * Tries every set of free tables for every party: the house has few.
 * @param taken A bit for each table.
 */
function canAssign(tables: readonly number[], sizes: readonly number[], taken: number): boolean {
  const [size, ...others] = sizes;
  if (size === undefined) return true;
  for (let set = 1; set < 2 ** tables.length; set += 1) {
    if ((set & taken) !== 0) continue;
    const seats = tables.reduce((sum, each, index) => sum + ((set >> index) & 1) * each, 0);
    if (seats >= size && canAssign(tables, others, taken | set)) return true;
  }
  return false;
}
