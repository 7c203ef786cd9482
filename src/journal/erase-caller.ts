import type { Transaction } from 'kysely';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Database } from './database.ts';
import type { MessageRow, ReservationRow, Schema } from './schema.ts';

/** Rows that were deleted or made anonymous. */
export interface Erased {
  calls: number;
  turns: number;
  events: number;
  messages: number;
  reservations: number;
  /** Files. */
  recordings: number;
  /** Bookings to come that were kept: the guest is expected. Empty with `withUpcoming`. */
  upcoming: readonly UpcomingReservation[];
  /** Of deleted messages. The recordings themselves are Twilio's to delete. */
  recordingUrls: readonly string[];
}

export interface UpcomingReservation {
  id: string;
  date: string;
  time: string;
  partySize: number;
}

export interface ErasureOptions {
  /** E.164. Finds bookings and messages that were not made in this caller's own calls. */
  phone: string;
  /** Bookings to come are cancelled and erased as well. */
  withUpcoming?: boolean;
  /** Deletes the recorded sound of these calls, and says of how many there was any. */
  deleteRecordings(callSids: readonly string[]): Promise<number>;
  nowMs: number;
}

type Db = Transaction<Schema>;
type Found = Pick<
  ReservationRow,
  'id' | 'call_sid' | 'phone' | 'status' | 'date' | 'time' | 'party_size' | 'ends_at' | 'expires_at'
>;

/** Calls of one transaction. */
const BATCH_CALLS = 50;
/** The one of the bookings: none may be moved to another table while it is cancelled here. */
const LOCK = 'bookings';

/**
 * Erases what is known of one caller. That there were calls, when, for how long and how they went,
 * stays for counting. A booking to come stays as it is, and so does the key of its call: by it the
 * booking is found when the caller is erased again after the visit.
 * @param key `callerKey` of the phone number
 * @throws {DatabaseError} and what `deleteRecordings` throws. Some of it may be done. It can be done
 * again.
 */
export async function eraseCaller(
  database: Database,
  key: string,
  options: ErasureOptions,
): Promise<Erased> {
  const total: Erased = {
    calls: 0,
    turns: 0,
    events: 0,
    messages: 0,
    reservations: 0,
    recordings: 0,
    upcoming: [],
    recordingUrls: [],
  };
  add(total, await database.serially(LOCK, (db) => eraseByPhone(db, options)));
  for (let after = ''; ; ) {
    const sids = await callsOf(database, key, after);
    const last = sids.at(-1);
    if (last === undefined) return total;
    // First: without their key the calls would not be found again, should this fail.
    total.recordings += await options.deleteRecordings(sids);
    add(total, await database.serially(LOCK, (db) => eraseCalls(db, sids, options)));
    after = last;
  }
}

async function callsOf({ db }: Database, key: string, after: string): Promise<string[]> {
  const rows = await db
    .selectFrom('calls')
    .select('call_sid')
    .where('caller_key', '=', key)
    .where('call_sid', '>', after)
    .orderBy('call_sid')
    .limit(BATCH_CALLS)
    .execute();
  return rows.map((row) => row.call_sid);
}

async function eraseByPhone(db: Db, options: ErasureOptions): Promise<Partial<Erased>> {
  const last4 = options.phone.slice(-4);
  const ending = await findReservations(db).where('phone_last4', '=', last4).execute();
  const left = await db
    .selectFrom('messages')
    .select(['id', 'phone', 'recording_url'])
    .where('phone', 'like', `%${last4}`)
    .execute();
  const isTheirs = ({ phone }: { phone: string | null }) => isSamePhone(phone, options.phone);
  return {
    ...(await eraseReservations(db, ending.filter(isTheirs), options)),
    ...(await deleteMessages(db, left.filter(isTheirs))),
  };
}

async function eraseCalls(
  db: Db,
  sids: readonly string[],
  options: ErasureOptions,
): Promise<Partial<Erased>> {
  const found = await findReservations(db).where('call_sid', 'in', sids).execute();
  const awaited = found.filter((each) => isKept(each, options)).map((each) => each.call_sid);
  const left = await db
    .selectFrom('messages')
    .select(['id', 'recording_url'])
    .where('call_sid', 'in', sids)
    .execute();
  const turns = await db
    .updateTable('turns')
    .set({ text: null, cut: null })
    .where('call_sid', 'in', sids)
    .executeTakeFirst();
  await db.deleteFrom('turn_sounds').where('call_sid', 'in', sids).execute();
  await db.deleteFrom('desks').where('call_sid', 'in', sids).execute();
  const events = await db
    .updateTable('call_events')
    .set({ payload: '{}' })
    .where('call_sid', 'in', sids)
    .executeTakeFirst();
  for (const sid of sids) {
    const key = awaited.includes(sid) ? {} : { caller_key: null };
    await db
      .updateTable('calls')
      .set({ ...key, caller_last4: null, summary: null, handoff_brief: null })
      .where('call_sid', '=', sid)
      .execute();
  }
  return {
    calls: sids.length,
    turns: Number(turns.numUpdatedRows),
    events: Number(events.numUpdatedRows),
    ...(await eraseReservations(db, found, options)),
    ...(await deleteMessages(db, left)),
  };
}

function findReservations(db: Db) {
  return db
    .selectFrom('reservations')
    .select(['id', 'call_sid', 'phone', 'status', 'date', 'time', 'party_size'])
    .select(['ends_at', 'expires_at']);
}

/** The rows stay, without a name. */
async function eraseReservations(
  db: Db,
  found: readonly Found[],
  options: ErasureOptions,
): Promise<Pick<Erased, 'reservations' | 'upcoming'>> {
  const kept = found.filter((each) => isKept(each, options));
  const erased = found.filter((each) => !isKept(each, options));
  for (const each of erased) {
    const nobody = { name: null, name_key: null, phone: null, phone_last4: null, note: null };
    const change = isUpcoming(each, options.nowMs)
      ? { ...nobody, status: 'cancelled' as const, expires_at: null, updated_at: options.nowMs }
      : nobody;
    await db.updateTable('reservations').set(change).where('id', '=', each.id).execute();
    if ('status' in change) {
      await db.deleteFrom('occupancy').where('reservation_id', '=', each.id).execute();
    }
    // What the tool was answered in the call: the whole booking.
    await db.deleteFrom('operations').where('result', 'like', `%"${each.id}"%`).execute();
  }
  return {
    reservations: erased.length,
    upcoming: kept.map(({ id, date, time, party_size }) => ({
      id,
      date,
      time,
      partySize: party_size,
    })),
  };
}

async function deleteMessages(
  db: Db,
  found: readonly Pick<MessageRow, 'id' | 'recording_url'>[],
): Promise<Pick<Erased, 'messages' | 'recordingUrls'>> {
  for (const { id } of found) await db.deleteFrom('messages').where('id', '=', id).execute();
  return {
    messages: found.length,
    recordingUrls: found.flatMap((message) => message.recording_url ?? []),
  };
}

function isKept(found: Found, { withUpcoming = false, nowMs }: ErasureOptions): boolean {
  return !withUpcoming && isUpcoming(found, nowMs);
}

function isUpcoming({ status, ends_at, expires_at }: Found, nowMs: number): boolean {
  if (status === 'held') return (expires_at ?? 0) > nowMs;
  return status === 'confirmed' && ends_at > nowMs;
}

/** A guest's number may be written without its country: then its national digits are compared. */
function isSamePhone(written: string | null, phone: string): boolean {
  const digits = (written ?? '').replace(/\D/g, '').replace(/^0+/, '');
  const national = parsePhoneNumberFromString(phone)?.nationalNumber;
  return digits !== '' && (digits === phone.slice(1) || digits === national);
}

function add(total: Erased, part: Partial<Erased>): void {
  const { upcoming = [], recordingUrls = [] } = part;
  for (const name of ['calls', 'turns', 'events', 'messages', 'reservations'] as const) {
    total[name] += part[name] ?? 0;
  }
  const known = new Set(total.upcoming.map(({ id }) => id));
  total.upcoming = [...total.upcoming, ...upcoming.filter(({ id }) => !known.has(id))];
  total.recordingUrls = [...total.recordingUrls, ...recordingUrls];
}
