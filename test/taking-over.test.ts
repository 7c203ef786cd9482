import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../src/calls.ts';
import type { Database } from '../src/journal/database.ts';
import { Journal } from '../src/journal/journal.ts';
import type { CallRow } from '../src/journal/schema.ts';
import { decisions } from '../src/orchestrator/decisions.ts';
import { takingOver } from '../src/orchestrator/taking-over.ts';
import { onBothDatabases } from './support/databases.ts';
import { callRow, turnRow } from './support/journal-rows.ts';
import { LogLines } from './support/log-lines.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const SID = 'CA1';

async function addCall({ db }: Database, row: Partial<CallRow> = {}): Promise<void> {
  await db
    .insertInto('calls')
    .values(callRow({ call_sid: SID, ...row }))
    .execute();
}

onBothDatabases((kind, freshDatabase) => {
  test(`${kind}: what this process was told of a call is written before it is taken over`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    await addCall(database);
    const journal = new Journal(database, {
      directory: await temporaryDirectory(t),
      log: new LogLines().log,
    });
    t.after(() => journal.close(0));
    const promised: string[] = [];
    const gate = { promise: (callSid: string) => void promised.push(callSid) };
    const calls = { draining: false, full: false };
    const takeOver = takingOver({ database, journal, gate, calls });
    const lost = { outcome: 'lost', outcome_is_own: 1 };
    for (let turn = 0; turn < 300; turn += 1) {
      journal.write({ kind: 'turn', row: turnRow({ turn }), epoch: 0 });
    }
    journal.write({ kind: 'call', callSid: SID, fields: lost, epoch: 0 });
    const first = { epoch: 1, breaks: 1 };
    const twice = await Promise.all([takeOver(SID), takeOver(SID)]);
    assert.deepEqual(twice, [first, first], 'a webhook that comes twice is for one life');
    const rows = await database.db.selectFrom('turns').select('turn').execute();
    assert.equal(rows.length, 300);
    assert.deepEqual(promised, [SID]);

    journal.write({ kind: 'turn', row: turnRow({ turn: 300 }), epoch: 0 });
    journal.write({ kind: 'call', callSid: SID, fields: lost, epoch: 0 });
    assert.equal(await journal.flush(5000), true);
    assert.equal(journal.state.fenced, 2);
    assert.equal(journal.state.refused + journal.state.dropped, 0);

    assert.equal(await takeOver('CA2'), 'unknown');
    calls.draining = true;
    assert.deepEqual(await takeOver(SID), { epoch: 2, breaks: 2 }, 'it may be the only one');
    calls.full = true;
    assert.equal(await takeOver(SID), 'elsewhere');
    assert.deepEqual(promised, [SID, SID]);
  });

  test(`${kind}: "lost" in this process is no decision of a call that went on elsewhere`, async (t) => {
    const database = await (await freshDatabase(t)).open();
    const own: { decision?: Decision } = {};
    const decisionOf = decisions({ decisionOf: () => own.decision }, database);
    assert.equal(await decisionOf(SID), undefined);
    own.decision = { outcome: 'lost', language: 'de' };
    assert.deepEqual(await decisionOf(SID), own.decision);
    await addCall(database, { outcome: 'handedOff', outcome_is_own: 1, language: 'de' });
    assert.equal((await decisionOf(SID))?.outcome, 'handedOff');
    own.decision = { outcome: 'completed', language: 'de' };
    assert.equal((await decisionOf(SID))?.outcome, 'completed');
    delete own.decision;
    assert.equal((await decisionOf(SID))?.outcome, 'handedOff', 'a process began anew');
    own.decision = { outcome: 'lost', language: 'de' };
    await database.close();
    assert.deepEqual(await decisionOf(SID), own.decision);
  });
});
