import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { CallEventRow, TurnRow } from './schema.ts';

/** What another life of a call has to go on from. */
export interface Continuation {
  epoch: number;
  /** When the call began, milliseconds since 1970: its caps count from there. */
  startedAt: number;
  /** In which it was talked last. */
  language: string | null;
  /** In order; with the caller's sound (mu-law, 8 kHz) where the words have not been written down. */
  turns: readonly ContinuedTurn[];
  /** A turn of the caller that was over, and of which no answer was heard. */
  pending?: { mulaw: Uint8Array };
  /** Answers that were heard. */
  answers: number;
  /** What the figures of a call's record are counted from, in order. */
  counted: readonly Pick<CallEventRow, 'type' | 'payload'>[];
  /** The longest that the caller waited, as far as an earlier life has told it. */
  deadAirMs: number;
  /**
   * The last state in which caller and agent were before the break; `connecting` without any. While
   * words about a break are said, what broke off before is still owed.
   */
  path: string;
  /** Where numbers of events and turns go on. */
  nextSeq: number;
  nextTurn: number;
}

export interface ContinuedTurn {
  row: TurnRow;
  mulaw?: Uint8Array;
}

/**
 * Undefined when this life does not own the call, or there is none. What belongs to it cannot be
 * written by an earlier life any more, so it is whole.
 * @throws {DatabaseError}
 */
export async function readContinuation(
  database: Database,
  callSid: string,
  epoch: number,
): Promise<Continuation | undefined> {
  const { db } = database;
  const call = await db
    .selectFrom('calls')
    .select(['epoch', 'started_at', 'language', 'dead_air_ms'])
    .where('call_sid', '=', callSid)
    .executeTakeFirst();
  if (call?.epoch !== epoch) return undefined;
  const [rows, sounds, events, counted, path] = await Promise.all([
    db.selectFrom('turns').selectAll().where('call_sid', '=', callSid).orderBy('turn').execute(),
    soundsOf(database, callSid),
    eventsOf(database, callSid),
    countedEvents(database, callSid),
    lastPath(database, callSid),
  ]);
  const nextTurn = (rows.at(-1)?.turn ?? -1) + 1;
  const pending = sounds.get(nextTurn);
  return {
    epoch,
    startedAt: call.started_at,
    language: rows.findLast((row) => row.language !== null)?.language ?? call.language,
    turns: rows.map((row) => withSound(row, sounds.get(row.turn))),
    ...(pending && { pending: { mulaw: pending } }),
    answers: events.answers,
    counted,
    deadAirMs: call.dead_air_ms ?? 0,
    path,
    nextSeq: events.next,
    nextTurn,
  };
}

/** What the call's desk knew, as it was written down last. @throws {DatabaseError} */
export async function readDesk({ db }: Database, callSid: string): Promise<string | undefined> {
  const query = db.selectFrom('desks').select('state').where('call_sid', '=', callSid);
  return (await query.executeTakeFirst())?.state;
}

function withSound(row: TurnRow, mulaw: Uint8Array | undefined): ContinuedTurn {
  return mulaw && row.speaker === 'caller' && row.text === null ? { row, mulaw } : { row };
}

async function soundsOf({ db }: Database, callSid: string): Promise<Map<number, Uint8Array>> {
  const rows = await db
    .selectFrom('turn_sounds')
    .select(['turn', 'mulaw'])
    .where('call_sid', '=', callSid)
    .execute();
  return new Map(rows.map(({ turn, mulaw }) => [turn, mulaw]));
}

async function eventsOf({ db }: Database, callSid: string) {
  const { last, answers } = await db
    .selectFrom('call_events')
    .select(sql<number | null>`max(seq)`.as('last'))
    .select(
      sql<number | null>`sum(case when type = 'turn.answered' then 1 else 0 end)`.as('answers'),
    )
    .where('call_sid', '=', callSid)
    .executeTakeFirstOrThrow();
  return { next: last === null ? 0 : Number(last) + 1, answers: Number(answers ?? 0) };
}

const COUNTED = ['caller.interrupted', 'agent.failed', 'turn.answered', 'speculation.ended'];

function countedEvents({ db }: Database, callSid: string): Promise<Continuation['counted']> {
  return db
    .selectFrom('call_events')
    .select(['type', 'payload'])
    .where('call_sid', '=', callSid)
    .where(({ or, eb }) =>
      or([
        eb('type', 'in', COUNTED),
        eb('type', 'like', 'xstate.after.giveUp%'),
        eb('payload', '=', pathPayload('timeout.asking')),
      ]),
    )
    .orderBy('seq')
    .execute();
}

/** In these nobody talks, or only about a break: they say nothing of what broke. */
async function lastPath({ db }: Database, callSid: string): Promise<string> {
  const row = await db
    .selectFrom('call_events')
    .select('payload')
    .where('call_sid', '=', callSid)
    .where('type', '=', 'state')
    .where('payload', 'not in', [...UNTALKATIVE.map(pathPayload), '{}'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? (JSON.parse(row.payload) as { path: string }).path : 'connecting';
}

const UNTALKATIVE = ['connecting', 'conversation.greeting', 'ended'];

function pathPayload(path: string): string {
  return JSON.stringify({ path });
}
