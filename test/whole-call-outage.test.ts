import assert from 'node:assert/strict';
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Journal } from '../src/journal/journal.ts';
import { openDatabase } from '../src/journal/open-database.ts';
import {
  BOOKED,
  CONFIRM,
  type DialogueLine,
  HOLD,
  DIALOGUE_LINES as LINES,
  READ_BACK,
} from './support/booking-dialogue.ts';
import { CallStage, type WatchedRun } from './support/call-stage.ts';
import { type FreshDatabase, onBothDatabases } from './support/databases.ts';
import { EngineScript } from './support/engine-script.ts';
import { freePort } from './support/free-port.ts';
import { silencesAfterLastWords } from './support/heard-silence.ts';
import { LogLines } from './support/log-lines.ts';
import { recordedCall, written } from './support/recorded-call.ts';
import { startTcpProxy } from './support/tcp-proxy.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const SORRY = 'I cannot book.';
/** A model that believes what the tools tell. */
const bookingScript = () => {
  const said = (done: string) => (results: readonly string[]) =>
    JSON.parse(results.at(-1) ?? '').done ? done : SORRY;
  return new EngineScript<DialogueLine>({
    name: [HOLD, said(READ_BACK)],
    yes: [CONFIRM, said(BOOKED)],
  });
};

describe('while the database is away', { concurrency: true }, () => {
  test('from the start, calls are taken, nothing is booked, and the record is kept', async (t) => {
    const directory = await temporaryDirectory(t);
    const script = bookingScript();
    const url = `postgres://nobody:password@127.0.0.1:${await freePort()}/calls`;
    let callSid = '';
    const options = stageOptions({ directory, url, script });
    await CallStage.during(options, async (stage) => {
      const { report, record, turns } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.ask('name');
        await caller.hangUp();
      });
      callSid = report.callSid;
      assert.equal(record.outcome, 'completed');
      assertNothingBooked(script.resultsOf('name')[0]);
      assert.deepEqual(agentSaid(turns), ['Hello.', SORRY]);
      const { state } = stage.stage.orchestrator.records.journal;
      assert.equal(state.databaseUp, false);
      assert.ok(state.spooledBytes > 0, 'expected the record on the disk');
    });

    // The next process finds a database, and brings there what this one has kept.
    await ageFiles(join(directory, 'spool'));
    const database = await openDatabase({ directory });
    t.after(() => database.close());
    const { log } = new LogLines();
    const journal = new Journal(database, { directory: `${directory}/spool`, log });
    t.after(() => journal.close(0));
    journal.write({ kind: 'call', callSid, fields: {} });
    assert.ok(await journal.flush(5000));
    const { call, turns, events } = await recordedCall(database, callSid);
    assert.equal(call.outcome, 'completed');
    assert.deepEqual(JSON.parse(call.tool_calls ?? ''), {
      hold_table: 1,
      'hold_table.refused': 1,
    });
    assert.equal(turns[1]?.text, LINES.name);
    assertInOrder(events);
  });

  onBothDatabases((kind, freshDatabase) => {
    // Nobody can take the embedded one away.
    if (kind === 'sqlite') return;

    test('in mid-call, a booking is refused, and made once it is back', async (t) => {
      const { proxy, url } = await proxied(t, await freshDatabase(t));
      const directory = await temporaryDirectory(t);
      const script = bookingScript();
      await CallStage.during(stageOptions({ directory, url, script }), async (stage) => {
        const run = await stage.call(async (caller) => {
          await caller.agentAnswers();
          await caller.ask('name');
          proxy.cut();
          await caller.ask('yes');
          assertNothingBooked(script.resultsOf('yes')[0]);
          proxy.restore();
          await caller.ask('yes');
          await caller.hangUp();
        });
        const { orchestrator } = stage.stage;
        await written(orchestrator);
        const { database, journal } = orchestrator.records;
        const recorded = await recordedCall(database, run.report.callSid);
        assert.deepEqual(agentSaid(run.turns), ['Hello.', READ_BACK, SORRY, BOOKED]);
        assert.deepEqual(
          recorded.reservations.map(({ status, name }) => [status, name]),
          [['confirmed', 'Miller']],
        );
        assert.equal(recorded.call.reservation_id, recorded.reservations[0]?.id);
        assertInOrder(recorded.events, run);
        const { dropped, refused, spooledBytes } = journal.state;
        assert.deepEqual(
          { dropped, refused, spooledBytes },
          { dropped: 0, refused: 0, spooledBytes: 0 },
        );
      });
    });

    test('without a word, the caller is told within the bound that nothing is certain', async (t) => {
      const { proxy, url } = await proxied(t, await freshDatabase(t));
      const directory = await temporaryDirectory(t);
      const script = bookingScript();
      await CallStage.during(stageOptions({ directory, url, script }), async (stage) => {
        const run = await stage.call(async (caller) => {
          await caller.agentAnswers();
          await caller.ask('name');
          proxy.deafen();
          await caller.ask('yes');
          await caller.hangUp();
        });
        proxy.restore();
        await written(stage.stage.orchestrator);
        const { done, why } = JSON.parse(script.resultsOf('yes')[0] ?? '');
        assert.equal(done, false);
        assert.match(why, /nothing is booked|not certain/);
        assert.deepEqual(agentSaid(run.turns), ['Hello.', READ_BACK, SORRY]);
        const silences = silencesAfterLastWords(run.report);
        t.diagnostic(`silences: ${silences.join(', ')} ms`);
        for (const ms of [...silences, run.record.deadAirMs]) {
          assert.ok(ms < 2500, `expected under 2.5 s of silence, got ${ms} ms`);
        }
      });
    });
  });
});

function stageOptions(options: {
  directory: string;
  url: string;
  script: EngineScript<DialogueLine>;
}) {
  const { directory, url, script } = options;
  return {
    lines: LINES,
    env: { DATABASE_URL: url, DATA_DIRECTORY: directory, RESTAURANT_GREETING: 'Hello.' },
    ultravox: { reply: script.reply },
  };
}

async function proxied(t: TestContext, { options }: FreshDatabase) {
  const url = new URL(options.url ?? '');
  const proxy = await startTcpProxy(t, Number(url.port));
  url.port = String(proxy.port);
  return { proxy, url: url.href };
}

function assertNothingBooked(result = ''): void {
  const { done, why } = JSON.parse(result);
  assert.equal(done, false);
  assert.match(why, /nothing is booked/);
}

/** Each once, none missing; the states as the machine went through them. */
function assertInOrder(
  events: readonly { seq: number; type: string; payload: string }[],
  run?: WatchedRun,
): void {
  assert.ok(events.length > 10, `expected a whole call, got ${events.length} events`);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index),
  );
  if (!run) return;
  const paths = events
    .filter(({ type }) => type === 'state')
    .map((each) => JSON.parse(each.payload).path);
  assert.deepEqual(paths, run.states);
}

function agentSaid(turns: WatchedRun['turns']): string[] {
  return turns.flatMap((turn) => (turn.speaker === 'agent' ? [turn.text] : []));
}

/** As those of a process that ended long ago. */
async function ageFiles(directory: string): Promise<void> {
  const names = await readdir(directory);
  assert.ok(names.length > 0, 'expected a file');
  await Promise.all(names.map((name) => utimes(join(directory, name), 0, 0)));
}
