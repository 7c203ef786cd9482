import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { EmbeddedVoice } from '../src/tts/embedded-voice.ts';
import { CallStage } from './support/call-stage.ts';

const LONG_REPLY =
  'We are open from Tuesday to Sunday, from noon until ten in the evening. On Mondays we are closed.';

/** Loud for a telephone, as a cheap loudspeaker makes it, by way of a mobile network. */
const echo = { delayMs: 240, lossDb: 20 };

describe("a call over a line that sends the agent's voice back", { concurrency: 3 }, () => {
  let voice: EmbeddedVoice;
  let stage: CallStage;
  before(async () => {
    voice = await EmbeddedVoice.start();
    stage = await CallStage.set({
      cartesia: { voice },
      ultravox: {
        reply: (heard) =>
          heard.all.at(-1)?.recording.id === 'hours' ? LONG_REPLY : 'With pleasure. What time?',
      },
    });
  });
  after(async () => {
    await stage.assertAtRest();
    await stage.close();
    await voice.close();
  });

  test('is not stopped by its own echo, neither in the greeting nor in a long reply', async () => {
    const { report, states, turns } = await stage.call(
      async (caller) => {
        await caller.agentAnswers(); // the greeting
        await caller.speak('hours');
        await caller.agentAnswers();
        await caller.pause(800);
        await caller.hangUp();
      },
      { echo },
    );
    assert.ok(!states.includes('conversation.bargeIn'), states.join(' '));
    assert.ok(!report.timeline.some(({ type }) => type === 'clear'));
    const said = turns.flatMap((turn) => (turn.speaker === 'agent' ? [turn.text] : []));
    assert.equal(said.at(-1), LONG_REPLY);
    assert.equal(turns.filter(({ speaker }) => speaker === 'caller').length, 1);
  });

  test('is stopped by a caller who speaks over the echo, while he still speaks', async () => {
    const { report, states, turns } = await stage.call(
      async (caller) => {
        await caller.agentAnswers();
        await caller.speak('hours');
        await caller.agentSpeaking();
        await caller.pause(2500);
        await caller.speak('wait');
        await caller.agentAnswers();
        await caller.hangUp();
      },
      { echo },
    );
    assert.equal(states.filter((state) => state === 'conversation.bargeIn').length, 1);
    // How soon is what `npm run turns` tells: here other tests run beside it.
    const said = report.timeline.findLast(({ type }) => type === 'said');
    const cleared = report.timeline.find(({ type }) => type === 'clear');
    assert.ok(said?.tookMs && cleared);
    const afterMs = cleared.atMs - said.atMs;
    assert.ok(afterMs > 0 && afterMs < said.tookMs, `stopped ${afterMs} ms after the first word`);
    const cut = turns.find(
      (turn) => turn.speaker === 'agent' && turn.text.startsWith('We are open'),
    );
    assert.ok(cut?.speaker === 'agent' && cut.text !== LONG_REPLY);
  });

  test('takes no echo for the beginning of the next turn', async () => {
    const { states } = await stage.call(
      async (caller) => {
        await caller.agentAnswers();
        await caller.pause(1500);
        await caller.hangUp();
      },
      { echo: { delayMs: 600, lossDb: 16 } },
    );
    assert.ok(!states.some((state) => state.includes('hearing')), states.join(' '));
  });
});
