import type { Kysely, Transaction } from 'kysely';
import { type Database, DatabaseError } from '../journal/database.ts';
import { type CallLife, isFenced } from '../journal/fence.ts';
import type { ReservationRow, Schema } from '../journal/schema.ts';
import { nameKey, namesToCompare } from './name-key.ts';
import { expireHolds, releasePlaces, takePlaces } from './occupancy.ts';
import { findPlaces, freeTimes } from './place-search.ts';
import type { Profile } from './profile.ts';
import {
  BookUnavailableError,
  type Guest,
  type Outcome,
  type Refusal,
  type RefusalReason,
  type Reservation,
  type ReservationBook,
  type Wish,
} from './reservation-book.ts';
import { newReservationId } from './reservation-id.ts';
import { guestColumns, reservationOf } from './reservation-row.ts';

export interface BookingsOptions {
  database: Database;
  profile: Profile;
  /** For which it is asked. Once another life owns the call, nothing is changed for this one. */
  life?: CallLife;
  /** Milliseconds since 1970. */
  now?: () => number;
  newId?: () => string;
}

type Booked = Outcome<{ reservation: Reservation }>;
type Step<T> = (transaction: Transaction<Schema>, now: number) => Promise<Outcome<T>>;

const MINUTE_MS = 60_000;
const MOST_FOUND = 5;
/** All bookings are written one after the other: at a restaurant's pace that costs nothing. */
const LOCK = 'bookings';
/** After a commit of unknown end: time for the connection to come back. */
const ASK_AGAIN_MS = 200;

/**
 * The book of reservations in our own database. Each change is one transaction that begins with its
 * key: what was done once is answered from what it returned then. Refusals are kept too: a caller who
 * was told that it is full, and whose tool call is repeated after a crash, must not find a table held
 * that nobody told of. Who asks anew comes with a new key.
 *
 * What two parties cannot have at once is held by the primary key of `occupancy`, not by this code.
 */
export class Bookings implements ReservationBook {
  readonly #database: Database;
  readonly #profile: Profile;
  readonly #life: CallLife | undefined;
  readonly #now: () => number;
  readonly #newId: () => string;

  constructor(options: BookingsOptions) {
    const { database, profile, life, now = Date.now, newId = newReservationId } = options;
    this.#database = database;
    this.#profile = profile;
    this.#life = life;
    this.#now = now;
    this.#newId = newId;
  }

  availability(wish: Wish): Promise<Outcome<{ alternatives: readonly string[] }>> {
    return this.#read(async (db) => {
      const asker = { now: this.#now() };
      const found = await findPlaces(db, this.#profile, wish, asker);
      if ('done' in found) return found;
      return { done: true, alternatives: await freeTimes(db, this.#profile, wish, asker) };
    });
  }

  hold(
    key: string,
    hold: Wish & Guest & { callSid: string },
  ): Promise<Outcome<{ reservation: Reservation; expiresAt: number }>> {
    return this.#once(key, async (transaction, now) => {
      const found = await findPlaces(transaction, this.#profile, hold, { now });
      if ('done' in found) return found;
      const expiresAt = now + this.#profile.reservations.holdSeconds * 1000;
      const row: ReservationRow = {
        id: this.#newId(),
        call_sid: hold.callSid,
        status: 'held',
        ...this.#timeColumns(hold, found.slots),
        ...guestColumns(hold),
        expires_at: expiresAt,
        created_at: now,
        updated_at: now,
      };
      await transaction.insertInto('reservations').values(row).execute();
      await takePlaces(transaction, row.id, found.places, found.slots);
      return { done: true, reservation: reservationOf(row), expiresAt };
    });
  }

  /** A booking that is confirmed already stays so: who says yes twice hears no error. */
  confirm(key: string, id: string): Promise<Booked> {
    return this.#once(key, async (transaction, now) => {
      const row = await rowOf(transaction, id);
      if (!row) return refusal('unknown');
      if (row.status === 'expired') return refusal('expired');
      if (row.status === 'cancelled') return refusal('wrongState');
      if (row.status === 'confirmed') return booked(row);
      return update(transaction, row, { status: 'confirmed', expires_at: null, updated_at: now });
    });
  }

  change(key: string, id: string, wish: Wish): Promise<Booked> {
    return this.#once(key, async (transaction, now) => {
      const row = await rowOf(transaction, id);
      if (!row) return refusal('unknown');
      if (row.status !== 'confirmed') return refusal('wrongState');
      if (row.starts_at <= now) return refusal('past');
      const found = await findPlaces(transaction, this.#profile, wish, { now, exceptId: id });
      if ('done' in found) return found;
      await releasePlaces(transaction, [id]);
      await takePlaces(transaction, id, found.places, found.slots);
      const columns = this.#timeColumns(wish, found.slots);
      return update(transaction, row, { ...columns, updated_at: now });
    });
  }

  /** Held or confirmed, until the stay is over. Cancelling what is cancelled is done. */
  cancel(key: string, id: string): Promise<Booked> {
    return this.#once(key, async (transaction, now) => {
      const row = await rowOf(transaction, id);
      if (!row) return refusal('unknown');
      if (row.status === 'cancelled') return booked(row);
      if (row.status === 'expired') return refusal('expired');
      if (row.ends_at <= now) return refusal('past');
      await releasePlaces(transaction, [id]);
      return update(transaction, row, { status: 'cancelled', updated_at: now });
    });
  }

  async find(name: string, lastDigits: string): Promise<readonly Reservation[]> {
    const names = namesToCompare(nameKey(name));
    if (names.includes('') || !/^\d{2,4}$/.test(lastDigits)) return [];
    const rows = await this.#read((db) =>
      db
        .selectFrom('reservations')
        .selectAll()
        .where('status', '=', 'confirmed')
        .where('ends_at', '>', this.#now())
        .where('phone_last4', 'like', `%${lastDigits}`)
        .where(({ or, eb, fn, val }) =>
          or(
            names.flatMap((each) => [
              eb(fn<string>('replace', ['name_key', val(' '), val('')]), '=', each),
              eb('name_key', 'like', `% ${each}`),
            ]),
          ),
        )
        .orderBy('starts_at')
        .limit(MOST_FOUND)
        .execute(),
    );
    return rows.map(reservationOf);
  }

  #timeColumns(wish: Wish, slots: readonly number[]) {
    const starts_at = Math.min(...slots) * MINUTE_MS;
    return {
      party_size: wish.partySize,
      date: wish.date,
      time: wish.time,
      starts_at,
      ends_at: starts_at + this.#profile.reservations.stayMinutes * MINUTE_MS,
    };
  }

  /** The database bounds how long each attempt takes. */
  async #once<T>(key: string, step: Step<T>): Promise<Outcome<T>> {
    try {
      return await this.#attempt(key, step);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      if (error.kind !== 'unknown') throw unavailable(error);
    }
    // Done or not: the key answers that, so asking again cannot do it twice.
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    try {
      return await this.#attempt(key, step);
    } catch (error) {
      throw unavailable(error, { uncertain: true });
    }
  }

  #attempt<T>(key: string, step: Step<T>): Promise<Outcome<T>> {
    return this.#database.serially(LOCK, async (transaction) => {
      if (this.#life && (await isFenced(transaction, this.#database.kind, this.#life))) {
        throw new BookUnavailableError('expected the call to be ours, another life of it owns it');
      }
      const before = await transaction
        .selectFrom('operations')
        .select('result')
        .where('key', '=', key)
        .executeTakeFirst();
      if (before) return JSON.parse(before.result) as Outcome<T>;
      const now = this.#now();
      await expireHolds(transaction, now);
      const outcome = await step(transaction, now);
      const result = JSON.stringify(outcome);
      await transaction.insertInto('operations').values({ key, at: now, result }).execute();
      return outcome;
    });
  }

  async #read<T>(query: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
    try {
      return await query(this.#database.db);
    } catch (error) {
      throw unavailable(error);
    }
  }
}

function unavailable(cause: unknown, { uncertain = false } = {}): BookUnavailableError {
  const kind = cause instanceof DatabaseError ? cause.kind : 'failed';
  return new BookUnavailableError(
    `expected the database to answer, its error is "${kind}"${uncertain ? '; the operation may have been done' : ''}`,
    { uncertain, cause },
  );
}

function refusal(reason: RefusalReason): Refusal {
  return { done: false, reason };
}

function booked(row: ReservationRow): Booked {
  return { done: true, reservation: reservationOf(row) };
}

function rowOf(transaction: Transaction<Schema>, id: string): Promise<ReservationRow | undefined> {
  return transaction.selectFrom('reservations').selectAll().where('id', '=', id).executeTakeFirst();
}

async function update(
  transaction: Transaction<Schema>,
  row: ReservationRow,
  columns: Partial<ReservationRow>,
): Promise<Booked> {
  await transaction.updateTable('reservations').set(columns).where('id', '=', row.id).execute();
  return booked({ ...row, ...columns });
}
