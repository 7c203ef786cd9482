import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  BOOKED,
  CONFIRM,
  type DialogueLine,
  HOLD,
  DIALOGUE_LINES as LINES,
  READ_BACK,
  TO_MANAGER,
  WISH,
} from './support/booking-dialogue.ts';
import { CallStage, type WatchedRun } from './support/call-stage.ts';
import { EngineScript, use } from './support/engine-script.ts';
import { silencesAfterLastWords } from './support/heard-silence.ts';
import { lockDatabase } from './support/locked-database.ts';
import { recordedCall, written } from './support/recorded-call.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const STAFF = '+15550100';
const MANAGER = '+15550111';
const ENV = {
  RESTAURANT__LANGUAGES: '{ en: { greeting: Hello. }, de: {} }',
  RESTAURANT__STAFF: `{
    staff: { number: "${STAFF}", purpose: whatever needs a person, hours: always },
    manager: { number: "${MANAGER}", purpose: groups, hours: always } }`,
};

describe('the telephone of the restaurant', { concurrency: true }, () => {
  describe('a caller', { concurrency: true }, () => {
    const script = new EngineScript<DialogueLine>({
      table: [use('check_availability', WISH), 'Yes. Your name?'],
      name: [HOLD, READ_BACK],
      yes: [CONFIRM, BOOKED],
      hasty: [HOLD, CONFIRM, READ_BACK],
      manager: [TO_MANAGER],
      owner: [
        use('transfer_to_staff', { destination: 'owner' }),
        use('transfer_to_staff', { destination: '+15559990000' }),
        'That is nobody.',
      ],
      goodbye: [use('end_call')],
      german: [use('switch_language', { language: 'de' }), 'Gerne. Was kann ich tun?'],
    });
    let stage: CallStage<DialogueLine>;
    before(async () => {
      stage = await CallStage.set({ lines: LINES, env: ENV, ultravox: { reply: script.reply } });
    });
    after(async () => {
      await stage.assertAtRest();
      await stage.close();
    });
    const recordOf = async ({ report }: WatchedRun) => {
      await written(stage.stage.orchestrator);
      return recordedCall(stage.stage.orchestrator.records.database, report.callSid);
    };

    test('books: asked for, held, read back, confirmed after a yes, and written down', async () => {
      const run = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.ask('table');
        await caller.ask('name');
        await caller.ask('yes');
        await caller.hangUp();
      });
      assert.deepEqual(run.report.violations, []);
      assert.ok(run.states.includes('conversation.thinking.consulting.brief'));
      const { call, turns, events, reservations } = await recordOf(run);

      const [reservation] = reservations;
      assert.deepEqual(
        reservations.map(({ status, party_size, time, name }) => [status, party_size, time, name]),
        [['confirmed', 4, '19:30', 'Miller']],
      );
      assert.equal(call.reservation_id, reservation?.id);
      assert.equal(call.outcome, 'completed');
      assert.deepEqual(JSON.parse(call.tool_calls ?? ''), {
        check_availability: 1,
        hold_table: 1,
        confirm_booking: 1,
      });
      const tags = JSON.parse(call.tags ?? '');
      assert.ok(tags.includes('reservation_made') && tags.includes('language_en'), String(tags));
      assert.match(call.summary ?? '', /the caller spoke 3 times/);
      assert.equal(call.turns, 3);

      assert.deepEqual(
        turns.map(({ speaker, text }) => (speaker === 'tool' ? JSON.parse(text ?? '').name : text)),
        [
          'Hello.',
          ...[LINES.table, 'check_availability', 'Yes. Your name?'],
          ...[LINES.name, 'hold_table', READ_BACK],
          ...[LINES.yes, 'confirm_booking', BOOKED],
        ],
      );
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_, index) => index),
      );
      const paths = events.flatMap(({ type, payload }) =>
        type === 'state' ? [JSON.parse(payload).path] : [],
      );
      assert.deepEqual(paths, run.states);
    });

    test('is not booked when the model confirms in the turn in which it held', async () => {
      const run = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.ask('hasty');
        await caller.hangUp();
      });
      const [held, refused] = script.resultsOf('hasty').map((result) => JSON.parse(result));
      assert.equal(held.done, true);
      assert.equal(refused.done, false);
      assert.match(refused.why, /has not said yes/);
      const { call, reservations } = await recordOf(run);
      assert.deepEqual(
        reservations.map(({ status }) => status),
        ['held'],
      );
      assert.equal(call.reservation_id, null);
      assert.equal(JSON.parse(call.tool_calls ?? '')['confirm_booking.refused'], 1);
    });

    test('is given to the manager, who is told what it is about', async () => {
      const run = await stage.call(
        async (caller) => {
          await caller.agentAnswers();
          await caller.speak('manager');
          await caller.hungUp();
        },
        { dial: 'completed' },
      );
      assert.deepEqual(dialled(run), [MANAGER]);
      assert.deepEqual(run.report.whispers, ['A caller is on the line; about: a party of fifty.']);
      const { call } = await recordOf(run);
      assert.equal(call.outcome, 'handedOff');
      assert.equal(call.handoff_destination, 'manager');
      assert.equal(call.handoff_status, 'completed');
      assert.ok(JSON.parse(call.tags ?? '').includes('handed_off'));
    });

    test('is given to nobody who is not in the profile, and to no number of the model', async () => {
      const run = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.ask('owner');
        await caller.hangUp();
      });
      assert.deepEqual(dialled(run), []);
      for (const result of script.resultsOf('owner')) {
        assert.match(JSON.parse(result).why, /write one of staff, manager/);
      }
      assert.equal(script.resultsOf('owner').length, 2);
      assert.equal(run.record.outcome, 'completed');
    });

    test('leaves a message when the manager does not answer, which is kept once', async () => {
      const run = await stage.call(
        async (caller) => {
          await caller.agentAnswers();
          await caller.speak('manager');
          await caller.hungUp();
        },
        { dial: 'no-answer', messageS: 7 },
      );
      const { call, messages } = await recordOf(run);
      assert.deepEqual(
        messages.map(({ kind, destination, recording_s }) => [kind, destination, recording_s]),
        [['voicemail', 'manager', 7]],
      );
      assert.equal(call.handoff_status, 'no-answer');
      assert.equal(call.voicemail, 1);
    });

    test('hears goodbye when the model ends the call', async () => {
      const run = await stage.call(async (caller) => {
        await caller.agentAnswers();
        await caller.speak('goodbye');
        await caller.hungUp();
      });
      assert.equal(run.states.at(-2), 'conversation.farewell');
      assert.deepEqual(run.turns.at(-1), {
        speaker: 'agent',
        text: 'Thank you for calling. Goodbye.',
      });
      assert.deepEqual(run.report.verbs, ['Connect', 'Redirect', 'Hangup']);
      assert.equal((await recordOf(run)).call.outcome, 'completed');
    });

    test('is spoken to in another language once the model has changed to it', async () => {
      const run = await stage.call(
        async (caller) => {
          await caller.agentAnswers();
          await caller.ask('german');
          await caller.speak('manager');
          await caller.hungUp();
        },
        { dial: 'busy' },
      );
      const languages = stage.stage.cartesia.requests.flatMap((each) =>
        'transcript' in each && each.transcript.startsWith('Gerne') ? [each.language] : [],
      );
      assert.deepEqual(languages, ['de']);
      assert.deepEqual(run.turns.at(-1), {
        speaker: 'agent',
        text: 'Einen Moment, ich verbinde Sie mit unserem Team.',
      });
      const said = run.report.timeline.filter(({ name }) => name === 'Say');
      assert.match(said[0]?.detail ?? '', /Ihren Anruf kann gerade niemand annehmen/);
      assert.equal((await recordOf(run)).call.language, 'de');
    });
  });

  describe('when nobody of the restaurant can be reached', () => {
    test('a caller who wants a person leaves a message, which is kept once', async () => {
      const script = new EngineScript<DialogueLine>({
        manager: [TO_MANAGER, 'Nobody is there now.'],
      });
      const env = {
        ...ENV,
        RESTAURANT__STAFF: `{ manager: { number: "${MANAGER}", purpose: groups, hours: {} } }`,
      };
      const options = { lines: LINES, env, ultravox: { reply: script.reply } };
      await CallStage.during(options, async (stage) => {
        const { report, record } = await stage.call(async (caller) => {
          await caller.agentAnswers();
          await caller.ask('manager');
          await caller.press('0');
          await caller.hungUp();
        });
        assert.match(script.resultsOf('manager')[0] ?? '', /manager cannot be reached now/);
        assert.equal(record.outcome, 'voicemail');
        assert.deepEqual(report.verbs, ['Connect', 'Redirect', 'Record', 'Say', 'Hangup']);
        const { orchestrator } = stage.stage;
        await written(orchestrator);
        const recorded = await recordedCall(orchestrator.records.database, report.callSid);
        assert.deepEqual(
          recorded.messages.map(({ kind }) => kind),
          ['voicemail'],
        );
        assert.equal(recorded.call.outcome, 'voicemail');
        assert.equal(recorded.call.voicemail, 1);
      });
    });
  });

  describe('while the book is slow to answer', { concurrency: true }, () => {
    const SLOW_MS = 1200;

    test('the caller is told that it is looked up, and is never left in silence', async (t) => {
      const directory = await temporaryDirectory(t);
      const script = new EngineScript<DialogueLine>({ name: [HOLD, READ_BACK] });
      await CallStage.during(withData(directory, script), async (stage) => {
        const run = await stage.call(async (caller) => {
          await caller.agentAnswers();
          const consulting = caller.reaches('conversation.thinking.consulting');
          const answered = caller.reaches('conversation.listening.waiting');
          await caller.speak('name');
          const unlock = await lockDatabase(directory);
          await consulting;
          setTimeout(unlock, SLOW_MS);
          await answered;
          await caller.hangUp();
        });
        assert.ok(run.states.includes('conversation.thinking.consulting.filling'));
        assert.deepEqual(run.turns.at(-1), { speaker: 'agent', text: READ_BACK });
        const [untilFiller = 0, ...others] = silencesAfterLastWords(run.report);
        t.diagnostic(`silences: ${[untilFiller, ...others].join(', ')} ms`);
        assert.ok(untilFiller >= 800, `expected no filler before 800 ms, got ${untilFiller} ms`);
        for (const ms of [untilFiller, ...others, run.record.deadAirMs]) {
          assert.ok(ms < 2500, `expected under 2.5 s of silence, got ${ms} ms`);
        }
      });
    });

    test('a caller who goes on speaking has the booking, and is told so', async (t) => {
      const directory = await temporaryDirectory(t);
      const script = new EngineScript<DialogueLine>({
        name: [HOLD, READ_BACK],
        yes: [CONFIRM, 'This is said by nobody: the caller has gone on.'],
        wait: ['It is booked.'],
      });
      await CallStage.during(withData(directory, script), async (stage) => {
        const run = await stage.call(async (caller) => {
          await caller.agentAnswers();
          await caller.ask('name');
          const consulting = caller.reaches('conversation.thinking.consulting');
          await caller.speak('yes');
          const unlock = await lockDatabase(directory);
          await consulting;
          setTimeout(unlock, SLOW_MS);
          await caller.ask('wait');
          await caller.hangUp();
        });
        const { orchestrator } = stage.stage;
        await written(orchestrator);
        const { database } = orchestrator.records;
        const recorded = await recordedCall(database, run.report.callSid);
        const [yes, confirmed, wait, answer] = recorded.turns.slice(-4);
        assert.equal(yes?.text, LINES.yes);
        assert.match(JSON.parse(confirmed?.text ?? '').result, /"done":true.*Booked/);
        assert.equal(wait?.text, LINES.wait);
        assert.equal(answer?.text, 'It is booked.');
        assert.equal(recorded.reservations[0]?.status, 'confirmed');
        assert.equal(recorded.call.reservation_id, recorded.reservations[0]?.id);
        assert.ok(JSON.parse(recorded.call.tags ?? '').includes('reservation_made'));
      });
    });
  });
});

function withData(directory: string, script: EngineScript<DialogueLine>) {
  const env = { ...ENV, DATA_DIRECTORY: directory };
  return { lines: LINES, env, ultravox: { reply: script.reply } };
}

function dialled({ report }: WatchedRun): (string | undefined)[] {
  return report.timeline.flatMap(({ type, name }) => (type === 'dialled' ? [name] : []));
}
