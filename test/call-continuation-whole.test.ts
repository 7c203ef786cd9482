import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { postgresBinaries, startPostgres } from '../src/stress-bookings/embedded-postgres.ts';
import { CallStage, type TestCaller } from './support/call-stage.ts';
import { LogLines } from './support/log-lines.ts';
import { recordedCall, written } from './support/recorded-call.ts';
import { inTime } from './support/twilio-hand.ts';

const LONG =
  'We are open from noon to ten in the evening, every day but Monday, ' +
  'and the kitchen closes an hour before. Would you like a table?';

/** In the server's own process, which lives; the next life knows only what was written down. */
describe('a call whose stream breaks', { concurrency: 3 }, () => {
  const lines = new LogLines();
  let stage: CallStage;
  before(async () => {
    stage = await CallStage.set({
      log: lines.log,
      ultravox: {
        // Time to cut the line before an answer, on a busy machine too.
        firstTokenMs: 900,
        reply: (heard) => (heard.all.at(-1)?.recording.id === 'hours' ? LONG : 'At what time?'),
      },
    });
  });
  after(async () => {
    await stage.assertAtRest();
    await stage.close();
  });

  const broken = async (script: (caller: TestCaller) => Promise<void>) => {
    const { report, record } = await stage.call(async (caller) => {
      await caller.agentAnswers();
      await script(caller);
      await caller.hangUp();
    });
    const { orchestrator } = stage.stage;
    await written(orchestrator);
    const recorded = await recordedCall(orchestrator.records.database, report.callSid);
    const said = (speaker: string) => recorded.turns.filter((each) => each.speaker === speaker);
    return { ...recorded, report, firstLife: record, said };
  };

  test('in mid-sentence of the agent: what was not heard is said', async () => {
    const { call, events, firstLife, said } = await broken(async (caller) => {
      await caller.speak('hours');
      await caller.reaches('conversation.speaking');
      await caller.pause(2500);
      caller.drop();
      await caller.reaches('conversation.speaking');
      await caller.reaches('conversation.listening.waiting');
    });
    assert.equal(firstLife.outcome, 'lost');
    const [, half, rest] = said('agent');
    assert.ok(half && rest, 'expected two parts of the answer');
    assert.equal(`${half.text} ${half.cut ?? ''}`.trim(), LONG);
    assert.ok(LONG.endsWith(rest.text ?? '-'), 'expected the rest of the answer');
    assert.ok((rest.text ?? '').endsWith(half.cut ?? '-'), 'expected all that was cut');
    assert.deepEqual([call.outcome, call.turns, call.epoch], ['completed', 1, 1]);
    const lives = events.filter(({ type }) => type === 'machine.started');
    assert.deepEqual(
      lives.map(({ payload }) => JSON.parse(payload).continued?.cutOff),
      [undefined, 'agent'],
    );
    assert.deepEqual(
      events.map(({ seq }) => seq),
      events.map((_, at) => at),
    );
  });

  test('before the answer: the turn is answered, and is in the history once', async () => {
    const { call, said, events } = await broken(async (caller) => {
      await caller.speak('table');
      await caller.reaches('conversation.thinking');
      caller.drop();
      await caller.reaches('conversation.speaking');
      await caller.reaches('conversation.listening.waiting');
    });
    assert.equal(said('caller').length, 1);
    assert.match(said('caller')[0]?.text ?? '', /book a table/);
    assert.equal(said('agent').at(-1)?.text, 'At what time?');
    assert.deepEqual([call.outcome, call.turns], ['completed', 1]);
    assert.ok((call.duration_ms ?? 0) > 3000, 'expected it to count from the true beginning');
    assert.ok(events.length > 0);
  });

  test('after the last words, by a caller who has gone before its history is known, is complete', async () => {
    const placed = stage.stage.placeCall({
      caller: async (caller) => {
        await caller.agentSpeaking();
        await caller.agentSilent();
        for (const digit of ['4', '2', '#']) await caller.press(digit);
        await caller.agentSpeaking();
        await caller.agentSilent();
        placed.once('started', () => void caller.hangUp());
        caller.drop();
        await caller.hungUp();
      },
    });
    const { callSid, scriptError } = await placed.ended;
    assert.equal(scriptError, undefined);
    const { orchestrator } = stage.stage;
    await written(orchestrator);
    const { call } = await recordedCall(orchestrator.records.database, callSid);
    assert.deepEqual([call.outcome, call.turns, call.epoch], ['completed', 1, 1]);
  });

  test('in mid-sentence of the caller: the caller is asked for it, and says it again', async () => {
    const { call, said, events } = await broken(async (caller) => {
      const speaking = caller.speak('table').catch(() => undefined);
      await caller.reaches('conversation.listening.hearing');
      caller.drop();
      await speaking;
      await caller.agentAnswers();
      await caller.ask('table');
    });
    assert.match(said('caller').at(-1)?.text ?? '', /book a table/);
    assert.equal(said('agent').at(-1)?.text, 'At what time?');
    assert.deepEqual([call.outcome, call.epoch], ['completed', 1]);
    const life = events.findLast(({ type }) => type === 'machine.started');
    assert.equal(JSON.parse(life?.payload ?? '').continued?.cutOff, 'caller');
  });
});

test('a process that goes gives its calls away once all of them is written', {
  skip: postgresBinaries() ? false : 'there are no binaries of PostgreSQL for this platform',
}, async (t) => {
  const postgres = await startPostgres(postgresBinaries()!);
  t.after(() => postgres.stop());
  const stage = await CallStage.set({ env: { DATABASE_URL: postgres.url('postgres') } });
  t.after(() => stage.close());
  const { orchestrator } = stage.stage;
  const { database } = orchestrator.records;
  const { record, states } = await stage.call(async (caller) => {
    await caller.agentAnswers();
    const drained = orchestrator.calls.drain(0);
    await caller.reaches('ended');
    await inTime(drained, 'the drain to end');
    const [callSid = ''] = stage.stage.twilio.calls.keys();
    const { outcome } = (await recordedCall(database, callSid)).call;
    assert.equal(outcome, 'continued');
    await caller.hangUp();
  });
  assert.equal(record.outcome, 'continued');
  assert.deepEqual(states.slice(-2), ['movingOn', 'ended']);
});
