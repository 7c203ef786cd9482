import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findCall } from '../src/journal/call-list.ts';
import { recordedLife } from '../src/replay/call-life.ts';
import { readDepartures } from '../src/replay/departures.ts';
import { readJournal } from '../src/replay/journal.ts';
import { momentsOf } from '../src/replay/moments.ts';
import { ownOutcome } from '../src/replay/read-call.ts';
import { replay } from '../src/replay/replay-journal.ts';
import { describeDifference } from '../src/replay/replay-text.ts';
import { compareLives } from '../src/replay/turn-comparison.ts';
import { whatIf } from '../src/replay/what-if.ts';
import { CallStage, type TestCaller } from './support/call-stage.ts';
import { written } from './support/recorded-call.ts';

/** What callers of the real server do. */
const SCRIPTS: Record<string, (caller: TestCaller) => Promise<void>> = {
  'a caller who pauses and is answered': async (caller) => {
    await caller.agentAnswers();
    await caller.speak('hours');
    await caller.pause(300);
    await caller.speak('table');
    await caller.agentAnswers();
    await caller.hangUp();
  },
  'a caller who interrupts': async (caller) => {
    await caller.agentAnswers();
    await caller.speak('hours');
    await caller.agentSpeaking();
    await caller.pause(500);
    await caller.speak('wait');
    await caller.agentAnswers();
    await caller.hangUp();
  },
  'a caller who presses keys': async (caller) => {
    await caller.agentAnswers();
    for (const digit of ['4', '2', '#']) await caller.press(digit);
    await caller.agentAnswers();
    await caller.press('0');
    await caller.hungUp();
  },
};

describe('a call of the real server', { concurrency: 3 }, () => {
  let stage: CallStage;
  before(async () => {
    // No timer of the machine fires: on a busy machine it would be too late to be the same.
    stage = await CallStage.set({ limits: { fillerMs: 8000, giveUpMs: 15_000 } });
  });
  after(() => stage.close());

  async function recorded(script: (caller: TestCaller) => Promise<void>) {
    const { record } = await stage.call(script);
    const { orchestrator } = stage.stage;
    await written(orchestrator);
    const whole = await findCall(orchestrator.records.database, record.callSid ?? '');
    assert.ok(whole, 'expected the call to be in the records');
    return whole;
  }

  for (const [name, script] of Object.entries(SCRIPTS)) {
    test(`replays without a difference: ${name}`, async () => {
      const whole = await recorded(script);
      const journal = readJournal(whole.events);
      const { difference } = replay(journal, { outcome: ownOutcome(whole) });
      assert.equal(difference && describeDifference(difference), undefined);
      const { moments, problem } = momentsOf(whole);
      assert.equal(problem, null);
      assert.ok(moments.every(({ context }) => context !== null));
      assert.equal(moments.at(-1)?.path, 'ended');
      // And run again by what is modelled of it, it has the same turns.
      const again = whatIf(journal, readDepartures([], journal.input.limits));
      const { turns, cutIns, outcome } = compareLives(
        recordedLife(journal, whole.call.outcome),
        again,
      );
      for (const { recorded, replayed } of turns) {
        assert.equal(replayed?.endpointMs, recorded?.endpointMs);
      }
      assert.equal(cutIns.replayed, cutIns.recorded);
      assert.equal(outcome.replayed, outcome.recorded);
    });
  }
});
