import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CallStage } from './support/call-stage.ts';

const LONG_REPLY =
  'We are open from Tuesday to Sunday, from noon until ten in the evening. On Mondays we are ' +
  'closed. The kitchen takes its last orders half an hour before we close, and on public holidays ' +
  'we open one hour later than on other days.';

describe('a whole call through the real server', { concurrency: 4 }, () => {
  let stage: CallStage;
  before(async () => {
    stage = await CallStage.set({
      ultravox: {
        reply: (heard) =>
          heard.all.at(-1)?.recording.id === 'hours' ? LONG_REPLY : 'With pleasure. What time?',
      },
    });
  });
  after(async () => {
    await stage.assertAtRest();
    await stage.close();
  });

  test('a caller asks, is answered, and hangs up', async () => {
    const { report, record, states, turns } = await stage.call(async (caller) => {
      await caller.agentAnswers(); // the greeting
      await caller.speak('table');
      await caller.agentAnswers();
      await caller.hangUp();
    });
    assert.deepEqual(report.violations, []);
    assert.equal(record.outcome, 'completed');
    assert.deepEqual(
      turns.map((turn) => turn.speaker),
      ['agent', 'caller', 'agent'],
    );
    assert.deepEqual(states.slice(0, 3), [
      'conversation.greeting',
      'conversation.listening.waiting',
      'conversation.listening.hearing.talking',
    ]);
  });

  test('the engine is given every syllable of the turn', async () => {
    await stage.call(async (caller) => {
      await caller.agentAnswers();
      await caller.speak('table');
      await caller.agentAnswers();
    });
    const heard = stage.stage.ultravox.heard.findLast(
      (each) => each.all[0]?.recording.id === 'table',
    );
    assert.ok(heard, 'expected the engine to have recognised the recording');
    assert.ok(heard.cutStartMs <= 32, `expected a whole start, ${heard.cutStartMs} ms are missing`);
    assert.ok(heard.cutEndMs <= 32, `expected a whole end, ${heard.cutEndMs} ms are missing`);
  });

  test('an interruption silences the agent, and the history keeps what was heard', async () => {
    const { report, turns, states } = await stage.call(async (caller) => {
      await caller.agentAnswers();
      await caller.speak('hours');
      await caller.agentSpeaking();
      await caller.pause(2500);
      await caller.speak('wait');
      await caller.agentAnswers();
      await caller.hangUp();
    });
    assert.ok(states.includes('conversation.bargeIn'));
    assert.ok(report.timeline.some(({ type }) => type === 'clear'));
    const cut = turns.find(
      (turn) => turn.speaker === 'agent' && turn.text.startsWith('We are open'),
    );
    assert.ok(
      cut?.speaker === 'agent' && LONG_REPLY.startsWith(cut.text) && cut.text !== LONG_REPLY,
    );
    const words = cut.text.split(' ').length;
    assert.ok(words >= 3 && words <= 16, `expected about 2.5 s of words, got ${words}`);
  });

  test('a "mhm" over the agent does not cost the reply', async () => {
    const { turns, states } = await stage.call(async (caller) => {
      await caller.agentAnswers();
      await caller.speak('hours');
      await caller.agentSpeaking();
      await caller.pause(1500);
      await caller.speak('uhHuh');
      await caller.agentAnswers();
      await caller.hangUp();
    });
    const bargeIn = states.indexOf('conversation.bargeIn');
    assert.equal(states[bargeIn + 1], 'conversation.speaking');
    assert.ok(turns.some((turn) => turn.speaker === 'agent' && turn.text === LONG_REPLY));
  });

  test('pressing zero brings a person: said first, then dialled', async () => {
    const { report, record } = await stage.call(
      async (caller) => {
        await caller.agentAnswers();
        await caller.press('0');
        await caller.hungUp();
      },
      { dial: 'completed' },
    );
    assert.equal(record.outcome, 'handedOff');
    assert.deepEqual(report.verbs, ['Connect', 'Redirect', 'Dial', 'Hangup']);
  });

  test('when the person does not answer, a message is taken', async () => {
    const { report } = await stage.call(
      async (caller) => {
        await caller.agentAnswers();
        await caller.press('0');
        await caller.hungUp();
      },
      { dial: 'no-answer' },
    );
    assert.ok(report.verbs.includes('Record'), report.verbs.join(' '));
  });

  test('digits are a turn of their own', async () => {
    const { turns } = await stage.call(async (caller) => {
      await caller.agentAnswers();
      for (const digit of ['4', '2', '#']) await caller.press(digit);
      await caller.agentAnswers();
      await caller.hangUp();
    });
    assert.ok(turns.some((turn) => turn.speaker === 'caller' && turn.digits === '42'));
  });

  for (const state of [
    'conversation.greeting',
    'conversation.listening.waiting',
    'conversation.listening.hearing.talking',
    'conversation.listening.hearing.paused',
    'conversation.thinking',
    'conversation.speaking',
    'conversation.bargeIn',
  ]) {
    test(`hanging up in ${state} ends the call`, async () => {
      const { record } = await stage.call(async (caller) => {
        const reached = caller.reaches(state);
        const acting = act(caller, state);
        await reached;
        await caller.hangUp();
        await acting;
      });
      assert.match(record.outcome, /completed|abandoned/);
      assert.equal(
        stage.stage.orchestrator.calls.decisionOf(record.callSid!)?.outcome,
        record.outcome,
      );
    });
  }

  /** Leads a call into the state; the line may go down meanwhile. */
  async function act(caller: Parameters<Parameters<CallStage['call']>[0]>[0], state: string) {
    try {
      await caller.agentAnswers();
      if (state.endsWith('waiting')) return;
      await caller.speak('hours');
      await caller.agentSpeaking();
      await caller.pause(1000);
      await caller.speak('wait');
    } catch (error) {
      if ((error as { kind?: string }).kind !== 'callEnded') throw error;
    }
  }

  test('a stream that breaks off without a word ends its life of the call, and another begins', async () => {
    const { record, report } = await stage.call(async (caller) => {
      await caller.agentAnswers();
      caller.drop();
      await caller.agentAnswers();
      await caller.hangUp();
    });
    assert.equal(record.outcome, 'lost');
    assert.equal(report.verbs.filter((verb) => verb === 'Connect').length, 2);
  });
});
