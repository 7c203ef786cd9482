/**
 * Calls as servers before this one wrote them down: after a deploy their records are still read, and what
 * is left of such a call is gone on with.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { continuedFrom } from '../src/call/cut-off.ts';
import { earlierTurns } from '../src/call/earlier-life.ts';
import { readContinuation } from '../src/journal/continuation.ts';
import type { Database } from '../src/journal/database.ts';
import { takeOver } from '../src/journal/lives.ts';
import { migrate } from '../src/journal/migrate.ts';
import { openDatabase, openUnmigrated } from '../src/journal/open-database.ts';
import type { CallEventRow, CallRow, TurnRow } from '../src/journal/schema.ts';
import { type Journal, readLives } from '../src/replay/journal.ts';
import { MachineRun } from '../src/replay/machine-run.ts';
import { ownOutcome, readCall } from '../src/replay/read-call.ts';
import { replayLives } from '../src/replay/replay-journal.ts';
import { describeDifference } from '../src/replay/replay-text.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

interface GoldenCall {
  call: CallRow;
  events: CallEventRow[];
  turns: TurnRow[];
}

interface Golden {
  /** Of the tables that the calls were written into. */
  migrations: string[];
  calls: Record<string, GoldenCall>;
}

/** What breaks off in each call, at one moment or another. */
const BROKEN_OFF: Readonly<Record<string, string[]>> = {
  booked: ['answer', 'caller', 'nothing'],
  silent: ['nothing'],
  person: ['handoff', 'nothing'],
  hungUp: ['answer', 'caller', 'nothing'],
};

const FOLDER = new URL('golden/', import.meta.url);

for (const file of readdirSync(FOLDER)) {
  const golden: Golden = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));

  test(`${file}: the calls are replayed as they were`, async (t) => {
    const database = await migratedWith(t, golden);
    for (const [name, { call }] of Object.entries(golden.calls)) {
      const whole = await readCall(database, call.call_sid);
      const lives = readLives(whole.events).map(machineOnly);
      const { difference } = replayLives(lives, { turns: whole.turns, outcome: ownOutcome(whole) });
      assert.equal(difference && describeDifference(difference), undefined, name);
    }
  });

  for (const [name, call] of Object.entries(golden.calls)) {
    test(`${file}: "${name}" is gone on with, wherever it breaks`, async (t) => {
      const database = await migratedWith(t, { ...golden, calls: { [name]: emptied(call) } });
      const continued: string[] = [];
      for (const [at, event] of call.events.entries()) {
        await database.db.insertInto('call_events').values(event).execute();
        if (event.type !== 'state' || event.payload.includes('"ended"')) continue;
        await writeTurnsUntil(database, call, event.at);
        continued.push(await goneOnWith(database, call, at));
      }
      assert.deepEqual([...new Set(continued)].sort(), BROKEN_OFF[name]);
    });
  }
}

/** What ends a turn may be judged in another way by now. */
function machineOnly(life: Journal): Journal {
  const { rows } = life;
  assert.ok(
    rows.some(({ kind }) => kind === 'windows'),
    'expected its voice activity to be read',
  );
  return { ...life, rows: rows.filter(({ kind }) => kind !== 'windows') };
}

/** Breaks now: what the next life of it is told, and does first. @returns what broke off */
async function goneOnWith(database: Database, { call, events }: GoldenCall, at: number) {
  const now = events[at]!.at;
  const taken = await takeOver(database, call.call_sid, now);
  assert.ok(typeof taken === 'object', `expected a life to begin, got ${JSON.stringify(taken)}`);
  const known = await readContinuation(database, call.call_sid, taken.epoch);
  assert.ok(known);
  assert.equal(known.nextSeq, at + 1);
  const turns = earlierTurns(known);
  assert.equal(turns.length, known.turns.length);
  const continued = continuedFrom(known, now);
  assert.equal(continued.elapsedMs, now - call.started_at);
  const [{ input }] = readLives([{ ...events[0]!, payload: JSON.parse(events[0]!.payload) }]);
  const machine = new MachineRun(input);
  machine.send({ type: 'line.started', continued }, 0);
  const expected = continued.cutOff === 'handoff' ? 'handoff' : 'conversation.greeting';
  assert.ok(machine.path.startsWith(expected), `${continued.cutOff}: ${machine.path}`);
  return continued.cutOff;
}

async function writeTurnsUntil({ db }: Database, { call, turns }: GoldenCall, at: number) {
  await db.deleteFrom('turns').where('call_sid', '=', call.call_sid).execute();
  const rows = turns.filter((turn) => turn.at <= at);
  if (rows.length > 0) await db.insertInto('turns').values(rows).execute();
}

/** As it was when nothing had happened yet. */
function emptied({ call }: GoldenCall): GoldenCall {
  const live = { outcome: null, outcome_is_own: 0, ended_at: null, duration_ms: null };
  return { call: { ...call, ...live }, events: [], turns: [] };
}

/** A database of that time with these calls in it, brought up to date. */
async function migratedWith(t: TestContext, { migrations, calls }: Golden): Promise<Database> {
  const directory = await temporaryDirectory(t);
  const old = await openUnmigrated({ directory });
  await migrate(old, migrations);
  for (const { call, events, turns } of Object.values(calls)) {
    await old.db.insertInto('calls').values(call).execute();
    if (events.length > 0) await old.db.insertInto('call_events').values(events).execute();
    if (turns.length > 0) await old.db.insertInto('turns').values(turns).execute();
  }
  await old.close();
  const database = await openDatabase({ directory });
  t.after(() => database.close());
  return database;
}
