import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { loadConfig } from '../src/config.ts';
import { startOrchestrator } from '../src/orchestrator.ts';
import { loadProfile } from '../src/restaurant/profile-file.ts';
import { noFaults } from '../src/simulators/ultravox/engine-faults.ts';
import { startSimulators } from '../src/stage.ts';
import { CallStage, LINES, type WatchedRun } from './support/call-stage.ts';
import {
  CANARIES,
  CANARY_WORDS,
  placeCanaryCall,
  UNREACHABLE_BOOK,
} from './support/canary-call.ts';
import { until } from './support/listener.ts';
import { LogLines } from './support/log-lines.ts';
import { wholeDatabase } from './support/whole-database.ts';

/** What must never be read in a log. */
const SECRETS = {
  authToken: 'secret-auth-token-4f1c',
  cartesiaKey: 'secret-cartesia-key-9b2d',
  engineKey: 'secret-engine-key-77aa',
  caller: '+15557654321',
  called: '+15552345678',
  staff: '+15558765432',
  reply: 'The zebra waltzes at seven.',
  digits: '471199',
} as const;
const PRIVATE_WORDS = [
  ...Object.values(SECRETS),
  ...['zebra', 'waltzes', '15557654321', '15552345678', '15558765432'],
  ...Object.values(LINES),
  'tomorrow evening',
];

describe('the log', { concurrency: true }, () => {
  describe('of a whole call', () => {
    const lines = new LogLines();
    let run: WatchedRun;
    before(async () => {
      const stage = await CallStage.set({
        log: lines.log,
        limits: { callMs: 14_000 },
        env: {
          RESTAURANT_GREETING: 'Hello.',
          TWILIO_AUTH_TOKEN: SECRETS.authToken,
          CARTESIA_API_KEY: SECRETS.cartesiaKey,
          ULTRAVOX_API_KEY: SECRETS.engineKey,
          RESTAURANT_STAFF_PHONE: SECRETS.staff,
        },
        twilio: { authToken: SECRETS.authToken },
        ultravox: { apiKey: SECRETS.engineKey, reply: () => SECRETS.reply },
      });
      const { ultravox, cartesia } = stage.stage;
      try {
        run = await stage.call(
          async (caller) => {
            await caller.agentAnswers();
            await caller.speak('table');
            await caller.agentSpeaking();
            // Every way in which an error can reach the log.
            Object.assign(ultravox.faults, { garbage: true });
            cartesia.faults.garbageFrame = true;
            caller.inject(`{"event":"media","media":"${SECRETS.reply}"`);
            await caller.agentSilent();
            for (const digit of `${SECRETS.digits}#`) await caller.press(digit);
            await caller.agentSpeaking();
            Object.assign(ultravox.faults, noFaults(), { errorInStream: 2 });
            await caller.speak('hours');
            await caller.hungUp();
          },
          { from: SECRETS.caller, to: SECRETS.called, maxMs: 40_000 },
        );
      } finally {
        await stage.close();
      }
    });

    test('tells how it went', () => {
      assert.ok(lines.saying('Model pre-warming completed').length >= 1);
      assert.equal(lines.saying('Client connected to voice agent').length, 1);
      const [timeout, ...more] = lines.saying('Call timeout reached');
      assert.equal(timeout?.reason, 'callCap');
      assert.deepEqual(more, []);
      const [ended] = lines.saying('call ended');
      assert.deepEqual([ended?.outcome, ended?.reason], ['timedOut', 'callCap']);
      assert.ok(lines.saying('turn answered').length >= 1);
      const kinds = lines.saying('problem met').map(({ kind }) => kind);
      assert.ok(kinds.includes('engine.garbage') && kinds.includes('notJson'), String(kinds));
    });

    test('holds no word, number, token or key', () => {
      for (const line of lines.written) {
        for (const word of PRIVATE_WORDS) {
          assert.ok(!line.toLowerCase().includes(word.toLowerCase()), `"${word}" in ${line}`);
        }
      }
      assert.ok(lines.written.length >= 8, 'expected to have read a log');
    });

    test('names the call in every line of it, and no other', () => {
      const shared =
        /^(listening|closed|draining|engine state|Model pre-warming|embedded voice|process fell behind)/;
      const ofCall = lines.all.filter(({ msg }) => !shared.test(msg));
      assert.ok(ofCall.length >= 5);
      for (const line of ofCall) assert.equal(line.callSid, run.report.callSid, line.msg);
    });

    test('names the call once in a line', () => {
      for (const line of lines.written) {
        assert.ok(line.split('"callSid"').length <= 2, `twice in ${line}`);
      }
    });
  });

  describe('of a call that books, leaves a message and is given to a person', () => {
    const lines = new LogLines();
    /** What the records hold. */
    const kept: string[] = [];
    const bookAndLeave = (env: Record<string, string>) =>
      placeCanaryCall({ log: lines.log, env }, async ({ orchestrator }) => {
        kept.push(await wholeDatabase(orchestrator.records.database));
      });
    before(async () => {
      // The book is our own, or a system that cannot be reached.
      await Promise.all([{}, UNREACHABLE_BOOK].map((env) => bookAndLeave(env)));
    });

    test('tells that it was so', () => {
      assert.equal(lines.saying('call ended').length, 2);
      assert.equal(lines.saying('voicemail recorded').length, 4);
      assert.ok(lines.saying('tool failed').length >= 1, 'expected a book that was not reached');
      const { guest, note, guestPhone, message, messagePhone, answer } = CANARIES;
      for (const word of [guest, note, guestPhone, message, messagePhone, answer]) {
        assert.ok(kept.join().includes(word), `expected "${word}" in the records`);
      }
    });

    test('holds nothing of what the guest said, the model wrote, or only we know', () => {
      for (const line of lines.written) {
        for (const word of CANARY_WORDS) {
          assert.ok(!line.toLowerCase().includes(word.toLowerCase()), `"${word}" in ${line}`);
        }
      }
      assert.ok(lines.written.length >= 20, 'expected to have read a log');
    });
  });

  describe('of an engine that refuses', () => {
    const lines = new LogLines();
    after(() => lines.written.splice(0));

    test('says that Ultravox could not be loaded, and why', async () => {
      const simulators = await startSimulators({ cartesia: { voice: 'tone', realTimeFactor: 50 } });
      simulators.ultravox.faults.httpStatus = 503;
      const env = { ...simulators.env, ULTRAVOX_API_KEY: SECRETS.engineKey };
      const orchestrator = await startOrchestrator(loadConfig(env), {
        log: lines.log,
        profile: loadProfile({ env }),
      });
      try {
        await until(() => lines.saying('Failed to load Ultravox').length > 0, 'a failure to load');
        const ready = await fetch(`${orchestrator.url}/ready`);
        assert.equal(ready.status, 503);
        assert.equal(((await ready.json()) as { reason: string }).reason, 'engine');
      } finally {
        await orchestrator.close(0);
        await simulators.close();
      }
      const [failure] = lines.saying('Failed to load Ultravox');
      const { err } = failure as unknown as { err: { message: string; kind: string } };
      assert.equal(err.kind, 'http');
      assert.match(err.message, /503/);
      assert.equal(lines.saying('Model pre-warming completed').length, 0);
      assert.ok(!lines.written.join('').includes(SECRETS.engineKey));
    });
  });
});
