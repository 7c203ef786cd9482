import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type EngineFaults, noFaults } from '../src/simulators/ultravox/engine-faults.ts';
import { REPLY, withFaults } from './support/fault-stage.ts';

const ENGINE_FAULTS: [name: string, fault: Partial<EngineFaults>][] = [
  ['answers 500', { httpStatus: 500 }],
  ['hangs before the first token', { hangBeforeFirstToken: true }],
  ['reports an error inside its stream', { errorInStream: 0 }],
  ['sends garbage', { garbage: true }],
  ['cuts the connection', { resetAfterTokens: 0 }],
  ['refuses every prompt as too long', { tooLong: true }],
];

describe('when the engine', { concurrency: 5 }, () => {
  for (const [name, fault] of ENGINE_FAULTS) {
    test(`${name}, the caller is asked to say it again, and the call goes on`, () =>
      withFaults({}, async (stage) => {
        const { ultravox } = stage.stage;
        const { record, turns } = await stage.call(async (caller) => {
          await caller.agentAnswers();
          Object.assign(ultravox.faults, fault);
          await caller.speak('table');
          await caller.reaches('conversation.speaking');
          Object.assign(ultravox.faults, noFaults());
          await caller.agentAnswers(); // the apology
          await caller.speak('table');
          await caller.agentAnswers();
          await caller.hangUp();
        });
        assert.equal(record.outcome, 'completed');
        const said = turns.flatMap((turn) => (turn.speaker === 'agent' ? [turn.text] : []));
        assert.match(said[1] ?? '', /^Sorry, I did not get that/);
        assert.equal(said[2], REPLY);
      }));
  }

  test('fails a third time in a row, a person takes over', () =>
    withFaults({}, async (stage) => {
      stage.stage.ultravox.faults.httpStatus = 500;
      const { record, report } = await stage.call(
        async (caller) => {
          await caller.agentAnswers();
          for (const _ of [1, 2]) {
            await caller.speak('table');
            await caller.agentAnswers();
          }
          await caller.speak('table');
          await caller.hungUp();
        },
        { dial: 'completed' },
      );
      assert.equal(record.outcome, 'handedOff');
      assert.equal(record.reason, 'engine');
      assert.ok(report.verbs.includes('Dial'));
    }));

  test('hangs in the middle of a reply, what came is said and the call goes on', () =>
    withFaults({}, async (stage) => {
      const { ultravox } = stage.stage;
      const { record, turns } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        ultravox.faults.hangAfterTokens = 12;
        await caller.speak('table');
        await caller.agentAnswers();
        ultravox.faults.hangAfterTokens = undefined;
        await caller.speak('hours');
        await caller.agentAnswers();
        await caller.hangUp();
      });
      assert.equal(record.outcome, 'completed');
      const said = turns.flatMap((turn) => (turn.speaker === 'agent' ? [turn.text] : []));
      assert.ok(said[1] && said[1] !== REPLY && REPLY.startsWith(said[1]), said[1]);
      assert.equal(said[2], REPLY);
    }));

  test('fails once, the caller does not notice', () =>
    withFaults({}, async (stage) => {
      const { ultravox } = stage.stage;
      const { states } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        ultravox.faults.httpStatus = 500;
        const thinking = caller.reaches('conversation.thinking');
        const speaking = caller.speak('table');
        // The reply that was prepared at the pause fails; the one that is asked for then does not.
        await thinking;
        ultravox.faults.httpStatus = undefined;
        await speaking;
        await caller.agentAnswers();
        await caller.hangUp();
      });
      assert.ok(states.includes('conversation.speaking'));
      assert.ok(!states.includes('conversation.thinking.filling'));
    }));

  test('writes a tool call as text, none of it is spoken', () =>
    withFaults({}, async (stage) => {
      stage.stage.ultravox.faults.jsonLeak = true;
      const { turns } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.speak('table');
        await caller.agentAnswers();
        await caller.hangUp();
      });
      const said = turns.flatMap((turn) => (turn.speaker === 'agent' ? [turn.text] : []));
      // What stands before the call is said; the call itself, of a tool that there is not, is not.
      assert.equal(said[1], 'Sure, let me check.');
      assert.doesNotMatch(said.join(' '), /[{}[\]"]/);
      const sent = JSON.stringify(stage.stage.cartesia.requests);
      assert.doesNotMatch(sent, /parameters|arguments/);
    }));
});
