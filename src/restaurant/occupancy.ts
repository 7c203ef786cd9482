/** Who sits where: reading and writing the table whose primary key keeps two parties apart. */
import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../journal/schema.ts';

/** Places taken, by slot. Slots in which all places are free have no entry. */
export type Occupied = ReadonlyMap<number, ReadonlySet<string>>;

export interface Asker {
  /** Places of holds that have lapsed by now are free, though nobody has struck them out yet. */
  now: number;
  /** A booking that is to be moved: its own places count as free. */
  exceptId?: string;
}

/** @param slots Minutes since 1970; all between the first and the last of them are read. */
export async function readOccupied(
  db: Kysely<Schema>,
  slots: readonly number[],
  { now, exceptId }: Asker,
): Promise<Occupied> {
  if (slots.length === 0) return new Map();
  let query = db
    .selectFrom('occupancy')
    .innerJoin('reservations', 'reservations.id', 'occupancy.reservation_id')
    .select(['occupancy.place', 'occupancy.slot'])
    .where('occupancy.slot', '>=', Math.min(...slots))
    .where('occupancy.slot', '<=', Math.max(...slots))
    .where((is) =>
      is.or([is('reservations.status', '=', 'confirmed'), is('reservations.expires_at', '>', now)]),
    );
  if (exceptId !== undefined) query = query.where('occupancy.reservation_id', '!=', exceptId);
  const occupied = new Map<number, Set<string>>();
  for (const { place, slot } of await query.execute()) {
    occupied.set(slot, (occupied.get(slot) ?? new Set()).add(place));
  }
  return occupied;
}

/** Places taken in any of these slots: a party keeps its places for the whole of its stay. */
export function occupiedDuring(occupied: Occupied, slots: readonly number[]): Set<string> {
  return new Set(slots.flatMap((slot) => [...(occupied.get(slot) ?? [])]));
}

/** Fails, and with it the transaction, when one of the places is taken. */
export async function takePlaces(
  transaction: Transaction<Schema>,
  id: string,
  places: readonly string[],
  slots: readonly number[],
): Promise<void> {
  const rows = places.flatMap((place) =>
    slots.map((slot) => ({ place, slot, reservation_id: id })),
  );
  // SQLite takes 32,766 values a statement, and a row is three.
  for (let first = 0; first < rows.length; first += ROWS_AT_ONCE) {
    await transaction
      .insertInto('occupancy')
      .values(rows.slice(first, first + ROWS_AT_ONCE))
      .execute();
  }
}

export async function releasePlaces(
  transaction: Transaction<Schema>,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await transaction.deleteFrom('occupancy').where('reservation_id', 'in', ids).execute();
}

/**
 * Strikes out the holds that have lapsed. Bounded by the house: each of them has places that nobody
 * else could be given meanwhile.
 */
export async function expireHolds(transaction: Transaction<Schema>, now: number): Promise<void> {
  const lapsed = await transaction
    .updateTable('reservations')
    .set({ status: 'expired', updated_at: now })
    .where('status', '=', 'held')
    .where('expires_at', '<=', now)
    .returning('id')
    .execute();
  await releasePlaces(
    transaction,
    lapsed.map(({ id }) => id),
  );
}

const ROWS_AT_ONCE = 1000;
