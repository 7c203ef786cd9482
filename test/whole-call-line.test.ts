import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CallerError } from '../src/simulators/twilio/caller.ts';
import { CallStage, type CallStageOptions } from './support/call-stage.ts';

const LINES = {
  table: 'I would like to book a table for tomorrow evening.',
  hold: 'Thank you for holding all our staff are busy at the moment and you are still in the queue.',
} as const;
type LineId = keyof typeof LINES;

describe('what the line brings beside a caller', { concurrency: 2 }, () => {
  test('a second that the network loses in a sentence does not end it', () =>
    // To such a question 640 ms of silence end an answer, however it sounds.
    withStage({ env: { RESTAURANT_GREETING: 'Would you like a table?' } }, async (stage) => {
      const { record, states } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        const said = caller.speak('table');
        await caller.pause(1200);
        caller.lose(900);
        await said;
        await caller.agentAnswers();
      });
      assert.equal(record.turns, 1);
      const entries = states.filter((state, i) => {
        const isThinking = state.startsWith('conversation.thinking');
        return isThinking && !states[i - 1]?.startsWith('conversation.thinking');
      });
      assert.equal(entries.length, 1, `thought more than once: ${states.join(' ')}`);
    }));

  test('one frame in ten that is lost costs no turn and adds none', () =>
    withStage({ twilio: { dropFrames: 0.1, seed: 5 } }, async (stage) => {
      const { record } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.ask('table');
        await caller.ask('table');
      });
      assert.equal(record.turns, 2);
    }));

  test('a turn at its limit is answered, and the record says why', () =>
    withStage({ env: { CALLER_TURN_SECONDS: '1.5' } }, async (stage) => {
      const { record } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.speak('table');
        await caller.agentAnswers();
      });
      assert.equal(record.turnTimings[0]?.endpointReason, 'limit');
    }));

  test('whoever talks without end is told goodbye after the third limit', () =>
    withStage({ env: { CALLER_TURN_SECONDS: '2' } }, async (stage) => {
      const { record, states } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await untilTheEnd(() => caller.speak('hold'));
      });
      assert.deepEqual([record.outcome, record.reason], ['timedOut', 'unattended']);
      assert.equal(states.at(-2), 'timeout.farewell');
    }));

  test('an announcement that comes again and again is not answered for long', () =>
    withStage({}, async (stage) => {
      const { record, states } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await untilTheEnd(async () => {
          await caller.speak('hold');
          await caller.pause(1500);
        });
      });
      assert.deepEqual([record.outcome, record.reason], ['timedOut', 'unattended']);
      assert.ok(record.turns <= 2, `${record.turns} answers`);
      assert.equal(states.at(-2), 'timeout.farewell');
    }));
});

/** Again and again, whatever the agent says, until the line is down. */
async function untilTheEnd(speak: () => Promise<void>): Promise<void> {
  try {
    for (let i = 0; i < 20; i++) await speak();
  } catch (error) {
    if (!(error instanceof CallerError) || error.kind !== 'callEnded') throw error;
  }
}

function withStage(
  options: CallStageOptions<LineId>,
  run: (stage: CallStage<LineId>) => Promise<void>,
): Promise<void> {
  return CallStage.during({ lines: LINES, ...options }, run);
}
