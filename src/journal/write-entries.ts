/** Entries into tables, so that writing one again changes nothing. The same SQL for both databases. */
import { type RawBuilder, type SqlBool, sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import { type CallLife, heldEpochs } from './fence.ts';
import type { JournalEntry } from './journal-entry.ts';
import { PASSING_OUTCOMES } from './passing-outcome.ts';
import type { CallEventRow, CallRow, MessageRow, Schema, TurnRow } from './schema.ts';
import { forgetContinuation, writeDesk, writeSound } from './write-continuation.ts';

export interface StampedEntry {
  /** Counts up over the entries of one journal. */
  n: number;
  /** When it was given to the journal: the start of a call of which nothing else says it. */
  at: number;
  entry: JournalEntry;
}

/** What one statement may carry: PostgreSQL takes 65,535 values, SQLite 32,766. */
const ROWS_MAX = 500;

/**
 * All of them in one transaction, in this order.
 * @param writer The lock. Each journal has its own: one that hangs, holding its transaction, must not
 * hold up the others.
 * @returns of how many nothing was written, as they come from a life that does not own its call any more
 * @throws {DatabaseError}
 */
export async function writeEntries(
  database: Database,
  writer: string,
  entries: readonly StampedEntry[],
): Promise<number> {
  return database.serially(writer, async (transaction) => {
    const owned = await ownedEntries(transaction, database.kind, entries);
    for (const group of groups(owned)) await write(transaction, group);
    return entries.length - owned.length;
  });
}

async function ownedEntries(
  transaction: Transaction<Schema>,
  kind: Database['kind'],
  entries: readonly StampedEntry[],
): Promise<readonly StampedEntry[]> {
  const lives = entries.map(({ entry }) => lifeOf(entry));
  const callSids = new Set(lives.flatMap((life) => life?.callSid ?? []));
  const held = await heldEpochs(transaction, kind, [...callSids]);
  return entries.filter((_, index) => {
    const life = lives[index];
    return !life || (held.get(life.callSid) ?? 0) <= life.epoch;
  });
}

/** Which life tells it; undefined: none does. */
function lifeOf(entry: JournalEntry): CallLife | undefined {
  if (entry.kind === 'sound' || entry.kind === 'desk') return entry;
  if (entry.kind === 'call') {
    const { callSid, fields, epoch = fields.outcome_is_own === 1 ? 0 : undefined } = entry;
    return epoch === undefined ? undefined : { callSid, epoch };
  }
  const { call_sid: callSid } = entry.row;
  const { epoch = entry.kind === 'message' ? undefined : 0 } = entry;
  return callSid === null || epoch === undefined ? undefined : { callSid, epoch };
}

/** Would the database take anything at all? Asked after it has refused an entry; leaves nothing. */
export async function acceptsWrites(database: Database, writer: string): Promise<boolean> {
  try {
    await database.serially(writer, async (transaction) => {
      await writeCall(transaction, { at: 0, callSid: `probe-${crypto.randomUUID()}`, fields: {} });
      throw new ProbeDone();
    });
  } catch (error) {
    return error instanceof ProbeDone;
  }
  return false;
}

/** Rolls the probe back. */
class ProbeDone extends Error {
  override name = 'ProbeDone';
}

type Group =
  | { kind: 'call'; at: number; callSid: string; fields: Partial<CallRow> }
  | { kind: 'turn'; row: TurnRow }
  | Extract<JournalEntry, { kind: 'sound' | 'desk' }>
  | { kind: 'event'; rows: CallEventRow[] }
  | { kind: 'message'; rows: MessageRow[] };

/** Neighbours of which the first stays are written together: events are most of all entries. */
function groups(entries: readonly StampedEntry[]): Group[] {
  const found: Group[] = [];
  for (const { at, entry } of entries) {
    const last = found.at(-1);
    if (entry.kind === 'call') {
      found.push({ kind: 'call', at, callSid: entry.callSid, fields: storable(entry.fields) });
    } else if (entry.kind === 'turn') {
      found.push({ kind: 'turn', row: storable(entry.row) });
    } else if (entry.kind === 'sound' || entry.kind === 'desk') {
      found.push(entry);
    } else if (last?.kind === entry.kind && 'rows' in last && last.rows.length < ROWS_MAX) {
      (last.rows as object[]).push(storable(entry.row));
    } else {
      found.push({ kind: entry.kind, rows: [storable(entry.row)] } as Group);
    }
  }
  return found;
}

async function write(transaction: Transaction<Schema>, group: Group): Promise<void> {
  switch (group.kind) {
    case 'call':
      return writeCall(transaction, group);
    case 'turn':
      return writeTurn(transaction, group.row);
    case 'sound':
      return writeSound(transaction, group);
    case 'desk':
      return writeDesk(transaction, group);
    case 'event':
      await transaction
        .insertInto('call_events')
        .values(group.rows)
        .onConflict((conflict) => conflict.columns(['call_sid', 'seq']).doNothing())
        .execute();
      return;
    case 'message':
      return writeMessages(transaction, group.rows);
    default:
      throw new TypeError('expected an entry of a known kind, got one of another version');
  }
}

const passing = sql.join(PASSING_OUTCOMES.map((outcome) => sql.lit(outcome)));
/** Whether the outcome that is being written takes the place of the one that is there. */
const outcomeWins = sql<SqlBool>`(
  calls.outcome is null
  or (calls.outcome in (${passing}) and calls.outcome_is_own = 1)
  or (excluded.outcome_is_own = 1 and excluded.outcome not in (${passing})))`;

async function writeCall(
  transaction: Transaction<Schema>,
  { at, callSid, fields }: { at: number; callSid: string; fields: Partial<CallRow> },
): Promise<void> {
  const { outcome, outcome_is_own: isOwn, reason, call_sid: _, epoch: __, ...rest } = fields;
  const plain: Partial<CallRow> = rest;
  const ending: Partial<CallRow> = {};
  if (outcome !== null && outcome !== undefined) {
    // A reason belongs to its outcome, and comes and stays with it; so does when the call ended,
    // unless only the other one knows.
    Object.assign(ending, { outcome, outcome_is_own: isOwn ?? 0, reason: reason ?? null });
    for (const name of ENDS) {
      if (plain[name] !== undefined) ending[name] = plain[name];
      delete plain[name];
    }
  } else if (reason !== undefined) {
    plain.reason = reason;
  }
  const kept = Object.keys(ending).map((name) => [name, winnersOwn(name)]);
  const update = { ...plain, ...Object.fromEntries(kept) };
  const insert = transaction
    .insertInto('calls')
    .values({ ...emptyCall(at), ...plain, ...ending, call_sid: callSid });
  await insert
    .onConflict((conflict) =>
      Object.keys(update).length > 0
        ? conflict.column('call_sid').doUpdateSet(update)
        : conflict.column('call_sid').doNothing(),
    )
    .execute();
  if (ending.outcome) await forgetContinuation(transaction, callSid);
}

const ENDS = ['ended_at', 'duration_ms'] as const;

function winnersOwn(name: string): RawBuilder<unknown> {
  const [given, there] = [sql.ref(`excluded.${name}`), sql.ref(`calls.${name}`)];
  if (!ENDS.some((each) => each === name)) {
    return sql`case when ${outcomeWins} then ${given} else ${there} end`;
  }
  return sql`case when ${outcomeWins} then coalesce(${given}, ${there}) else coalesce(${there}, ${given}) end`;
}

async function writeTurn(transaction: Transaction<Schema>, row: TurnRow): Promise<void> {
  const known = (name: 'text' | 'language' | 'latencies') =>
    sql<string | null>`coalesce(${sql.ref(`excluded.${name}`)}, ${sql.ref(`turns.${name}`)})`;
  await transaction
    .insertInto('turns')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['call_sid', 'turn']).doUpdateSet({
        at: row.at,
        speaker: row.speaker,
        text: known('text'),
        cut: sql`case when excluded.text is null then turns.cut else excluded.cut end`,
        language: known('language'),
        latencies: known('latencies'),
      }),
    )
    .execute();
}

/** Of one recording Twilio tells twice, and each time something that the other does not say. */
async function writeMessages(
  transaction: Transaction<Schema>,
  rows: readonly MessageRow[],
): Promise<void> {
  const firsts = Object.fromEntries(
    TOLD_IN_PARTS.map((name) => [
      name,
      sql`coalesce(${sql.ref(`messages.${name}`)}, ${sql.ref(`excluded.${name}`)})`,
    ]),
  );
  // One by one: PostgreSQL refuses a statement that meets the same row twice.
  for (const row of rows) {
    await transaction
      .insertInto('messages')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(firsts))
      .execute();
  }
}

const TOLD_IN_PARTS = [
  'call_sid',
  'destination',
  'name',
  'phone',
  'text',
  'recording_url',
  'recording_s',
] as const;

function emptyCall(at: number): Omit<CallRow, 'call_sid'> {
  return {
    direction: 'inbound',
    caller_key: null,
    caller_last4: null,
    started_at: at,
    ended_at: null,
    duration_ms: null,
    outcome: null,
    outcome_is_own: 0,
    reason: null,
    language: null,
    turns: 0,
    interruptions: 0,
    reprompts: 0,
    failures: 0,
    dead_air_ms: null,
    latencies: null,
    speculation: null,
    tool_calls: null,
    reservation_id: null,
    handoff_destination: null,
    handoff_status: null,
    handoff_brief: null,
    voicemail: 0,
    answered_by: null,
    summary: null,
    tags: null,
    versions: null,
    epoch: 0,
  };
}

/**
 * PostgreSQL refuses text with U+0000 and fractions for whole numbers, SQLite takes both: the rows
 * shall be the same, and no call be lost for a character.
 */
function storable<Row extends object>(row: Row): Row {
  if (Object.values(row).every(isStorable)) return row;
  const fields = Object.entries(row).flatMap(([name, value]: [string, unknown]) => {
    if (value === undefined) return [];
    if (typeof value === 'string') return [[name, value.toWellFormed().replaceAll('\0', '')]];
    return [[name, typeof value === 'number' ? Math.round(value) : value]];
  });
  return Object.fromEntries(fields) as Row;
}

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  return value === null || Number.isInteger(value);
}
