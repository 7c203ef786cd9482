/** Records of calls as a list that is paged through, and one call with all that is known of it. */
import type { Database } from './database.ts';
import type { CallEventRow, CallRow, MessageRow, ReservationRow, TurnRow } from './schema.ts';

export interface CallQuery {
  /** When the call began, ms since 1970: from, and before. */
  from?: number | undefined;
  to?: number | undefined;
  outcome?: string | undefined;
  /** 1 to 200. */
  limit: number;
  /** `next` of the page before. */
  cursor?: string | undefined;
}

/** The row, with its JSON fields as what they hold. */
export type CallRecord = Omit<CallRow, JsonField> & Record<JsonField, unknown>;
type JsonField = 'latencies' | 'speculation' | 'tool_calls' | 'tags' | 'versions';

export interface CallPage {
  calls: CallRecord[];
  /** Missing: these were the last. */
  next?: string;
}

export interface WholeCall {
  call: CallRecord;
  turns: (Omit<TurnRow, 'latencies'> & { latencies: unknown })[];
  events: (Omit<CallEventRow, 'payload'> & { payload: unknown })[];
  messages: MessageRow[];
  reservation: ReservationRow | undefined;
}

/** More than any call has: a call of 50 turns makes a few thousand events. */
const MAX_ROWS = 20_000;

/** The cursor is not one that a list gave. */
export class CursorError extends Error {
  override name = 'CursorError';
}

/**
 * Newest first. Calls that come meanwhile do not shift the pages.
 * @throws {CursorError}
 * @throws {DatabaseError}
 */
export async function listCalls({ db }: Database, query: CallQuery): Promise<CallPage> {
  const { from, to, outcome, limit } = query;
  const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor);
  let select = db.selectFrom('calls').selectAll();
  if (from !== undefined) select = select.where('started_at', '>=', from);
  if (to !== undefined) select = select.where('started_at', '<', to);
  if (outcome !== undefined) select = select.where('outcome', '=', outcome);
  if (cursor) {
    select = select.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('started_at', 'call_sid'), '<', tuple(cursor.startedAt, cursor.callSid)),
    );
  }
  const rows = await select
    .orderBy('started_at', 'desc')
    .orderBy('call_sid', 'desc')
    .limit(limit + 1)
    .execute();
  const calls = rows.slice(0, limit).map(callRecord);
  const last = calls.at(-1);
  return rows.length > limit && last ? { calls, next: cursorAfter(last) } : { calls };
}

/** @returns undefined: there is no such call. @throws {DatabaseError} */
export async function findCall({ db }: Database, callSid: string): Promise<WholeCall | undefined> {
  const row = await db
    .selectFrom('calls')
    .selectAll()
    .where('call_sid', '=', callSid)
    .executeTakeFirst();
  if (!row) return undefined;
  const turns = await db
    .selectFrom('turns')
    .selectAll()
    .where('call_sid', '=', callSid)
    .orderBy('turn')
    .limit(MAX_ROWS)
    .execute();
  const events = await db
    .selectFrom('call_events')
    .selectAll()
    .where('call_sid', '=', callSid)
    .orderBy('seq')
    .limit(MAX_ROWS)
    .execute();
  const messages = await db
    .selectFrom('messages')
    .selectAll()
    .where('call_sid', '=', callSid)
    .orderBy('created_at')
    .limit(MAX_ROWS)
    .execute();
  const reservation = await db
    .selectFrom('reservations')
    .selectAll()
    .where('id', '=', row.reservation_id ?? '')
    .executeTakeFirst();
  return {
    call: callRecord(row),
    turns: turns.map((turn) => ({ ...turn, latencies: parsed(turn.latencies) })),
    events: events.map((event) => ({ ...event, payload: parsed(event.payload) })),
    messages,
    reservation,
  };
}

function callRecord(row: CallRow): CallRecord {
  return {
    ...row,
    latencies: parsed(row.latencies),
    tool_calls: parsed(row.tool_calls),
    tags: parsed(row.tags),
    versions: parsed(row.versions),
  };
}

function parsed(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}

function cursorAfter({ started_at, call_sid }: CallRecord): string {
  return Buffer.from(`${started_at} ${call_sid}`).toString('base64url');
}

function readCursor(cursor: string): { startedAt: number; callSid: string } {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, startedAt, callSid] = /^(\d{1,15}) (\w{1,64})$/.exec(text) ?? [];
  if (!startedAt || !callSid) {
    throw new CursorError('cursor: expected "next" of the page before, got something else');
  }
  return { startedAt: Number(startedAt), callSid };
}
