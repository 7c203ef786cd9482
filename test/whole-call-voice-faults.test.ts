import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CartesiaFaults } from '../src/simulators/cartesia/simulated-cartesia.ts';
import { REPLY, withFaults } from './support/fault-stage.ts';

const VOICE_FAULTS: [name: string, fault: Partial<CartesiaFaults>][] = [
  ['refuses contexts', { limit: true }],
  ['goes silent', { stallAfterChunks: 2 }],
  ['loses its socket', { dropAfterChunks: 2 }],
  ['reports an error', { errorMidStream: true }],
  ['sends garbage', { garbageFrame: true }],
];

describe('when the voice service', { concurrency: 5 }, () => {
  for (const [name, fault] of VOICE_FAULTS) {
    test(`${name}, the embedded voice finishes the same reply`, () =>
      withFaults({}, async (stage) => {
        const { record, turns } = await stage.call(async (caller) => {
          await caller.agentAnswers();
          Object.assign(stage.stage.cartesia.faults, fault);
          await caller.speak('table');
          await caller.agentSpeaking();
          await caller.agentSilent(2500, 20_000);
          await caller.hangUp();
        });
        assert.equal(record.outcome, 'completed');
        assert.ok(turns.some((turn) => turn.speaker === 'agent' && turn.text === REPLY));
      }));
  }

  test('is not there at all, the server starts and speaks all the same', () =>
    withFaults({ refuseConnect: 401 }, async (stage) => {
      const { record } = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.speak('table');
        await caller.agentAnswers();
        await caller.hangUp();
      });
      assert.equal(record.outcome, 'completed');
    }));
});
