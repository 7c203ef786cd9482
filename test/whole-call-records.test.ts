import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import PQueue from 'p-queue';
import type { CallRow, MessageRow } from '../src/journal/schema.ts';
import type { PlaceCall } from '../src/simulators/twilio/place-call.ts';
import { startSimulatedTwilio } from '../src/simulators/twilio/simulated-twilio.ts';
import { DIALOGUE_LINES, type DialogueLine, TO_MANAGER, WISH } from './support/booking-dialogue.ts';
import { CallStage, type TestCaller } from './support/call-stage.ts';
import { EngineScript, use } from './support/engine-script.ts';
import { until } from './support/listener.ts';
import { written } from './support/recorded-call.ts';
import { PUBLIC_URL } from './support/twilio-hand.ts';

/** A way in which calls end, and what the record of each must say then. */
interface Ending {
  calls: number;
  does(caller: TestCaller<DialogueLine>): Promise<void>;
  place?: Partial<PlaceCall>;
  expected: Partial<CallRow>;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const AUTH_TOKEN = 'the auth token of these calls';
const API_TOKEN = 'the API token of these calls';
const AT_ONCE = 10;
/** As Twilio is told for a number: of every call, not only of those that we place. */
const NUMBER = { statusCallbackUrl: `${PUBLIC_URL}/status` };
/** The usual person is never there: only the manager can be dialled. */
const STAFF = `{
  host: { number: "+15550100", purpose: whatever needs a person, hours: {} },
  manager: { number: "+15550111", purpose: groups, hours: always } }`;

const ENDINGS: readonly Ending[] = [
  {
    calls: 2, // with nothing but silence
    does: (caller) => caller.hungUp(),
    expected: { outcome: 'timedOut', outcome_is_own: 1, reason: 'callCap', turns: 0, voicemail: 0 },
  },
  {
    calls: 4,
    does: (caller) => toManager(caller),
    place: { dial: 'completed' },
    expected: {
      ...{ outcome: 'handedOff', outcome_is_own: 1, voicemail: 0 },
      ...{ handoff_destination: 'manager', handoff_status: 'completed' },
    },
  },
  {
    calls: 3,
    does: (caller) => toManager(caller),
    place: { dial: 'busy' },
    expected: {
      ...{ outcome: 'handedOff', outcome_is_own: 1, voicemail: 1 },
      ...{ handoff_destination: 'manager', handoff_status: 'busy' },
    },
  },
  {
    calls: 2,
    does: async (caller) => {
      await caller.agentAnswers();
      await caller.press('0');
      await caller.hungUp();
    },
    place: { hangUpDuring: 'Record' },
    expected: { outcome: 'voicemail', outcome_is_own: 1, turns: 0, voicemail: 1 },
  },
  {
    calls: 3,
    does: async (caller) => {
      await caller.agentAnswers();
      await caller.ask('yes');
      await caller.hangUp();
    },
    expected: { outcome: 'completed', outcome_is_own: 1, turns: 1, voicemail: 0 },
  },
  {
    calls: 3,
    does: async (caller) => {
      await caller.agentAnswers();
      const consulting = caller.reaches('conversation.thinking.consulting');
      await caller.speak('table');
      await consulting;
      await caller.hangUp();
    },
    expected: { outcome: 'abandoned', outcome_is_own: 1, turns: 0, voicemail: 0 },
  },
  {
    calls: 3,
    does: async (caller) => {
      await caller.agentSpeaking();
      await caller.hangUp();
    },
    expected: { outcome: 'abandoned', outcome_is_own: 1, turns: 0, voicemail: 0 },
  },
  {
    calls: 3,
    does: async (caller) => {
      await caller.agentAnswers();
      caller.drop();
      await caller.agentSpeaking();
      await caller.hangUp();
    },
    expected: { outcome: 'abandoned', outcome_is_own: 1, turns: 0, voicemail: 0 },
  },
  {
    calls: 2,
    // Once more than it is connected again.
    does: async (caller) => {
      for (let breaks = 0; breaks < 4; breaks += 1) {
        await caller.agentSpeaking();
        caller.drop();
      }
      await caller.hungUp();
    },
    expected: { outcome: 'lost', outcome_is_own: 0, turns: 0, voicemail: 1 },
  },
];

async function toManager(caller: TestCaller<DialogueLine>): Promise<void> {
  await caller.agentAnswers();
  await caller.speak('manager');
  await caller.hungUp();
}

describe('the records of calls, each webhook of which comes up to five times', () => {
  const script = new EngineScript<DialogueLine>({
    yes: ['Very well.'],
    // One after the other, so that the caller waits for a while.
    table: ['19:00', '19:30', '20:00'].map((time) => use('check_availability', { ...WISH, time })),
    manager: [TO_MANAGER],
  });
  /** By CallSid. */
  const expected = new Map<string, Partial<CallRow>>();
  let directory: string;
  let stage: CallStage<DialogueLine>;
  let calls: CallRow[];
  let messages: MessageRow[];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'records-'));
    stage = await CallStage.set({
      lines: DIALOGUE_LINES,
      env: {
        TWILIO_AUTH_TOKEN: AUTH_TOKEN,
        API_TOKEN,
        MAX_CALLS: String(AT_ONCE),
        DATA_DIRECTORY: directory,
        RESTAURANT__STAFF: STAFF,
        RESTAURANT_GREETING: 'Hello.',
      },
      limits: { callMs: 7000, idleMs: 60_000, failures: 1 },
      twilio: { authToken: AUTH_TOKEN, webhookCopies: 5 },
      ultravox: { reply: script.reply },
    });
    await placeAll();
    await placeLast();
    await written(stage.stage.orchestrator);
    const { db } = stage.stage.orchestrator.records.database;
    calls = await db.selectFrom('calls').selectAll().execute();
    messages = await db.selectFrom('messages').selectAll().execute();
  });
  after(async () => {
    await stage.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** As many at once as the server takes, and two more while it is full. */
  async function placeAll(): Promise<void> {
    const line = new PQueue({ concurrency: AT_ONCE });
    const placed = ENDINGS.flatMap((ending) =>
      Array.from({ length: ending.calls }, () => line.add(() => place(ending))),
    );
    await until(() => stage.stage.orchestrator.calls.full, 'a server that is full');
    const shed = [1, 2].map(() => turnedAway({ reason: 'full', voicemail: 1 }));
    await Promise.all([...placed, ...shed]);
    await Promise.all([1, 2].map(() => withoutValidToken()));
  }

  /** The engine dies, and then the server goes. */
  async function placeLast(): Promise<void> {
    const { ultravox, orchestrator } = stage.stage;
    ultravox.faults.httpStatus = 500;
    const reached: Promise<void>[] = [];
    const placed = [UNANSWERED, UNANSWERED, UNANSWERED, CUT_OFF, CUT_OFF].map(
      ({ reaches, ...ending }) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        reached.push(promise);
        const does = async (caller: TestCaller<DialogueLine>) => {
          const there = caller.reaches(reaches);
          await ending.does(caller);
          await there;
          resolve();
          await caller.hungUp();
        };
        return place({ ...ending, does });
      },
    );
    await Promise.all(reached);
    await until(() => !orchestrator.engine.takesCalls, 'an engine that is given up');
    await turnedAway({ reason: 'engine', voicemail: 1 });
    const drained = orchestrator.calls.drain(0);
    await turnedAway({ reason: 'draining', voicemail: 0 });
    await Promise.all([...placed, drained]);
  }

  async function place({ does, place: how, expected: row }: Omit<Ending, 'calls'>): Promise<void> {
    const { report } = await stage.call(does, { ...NUMBER, ...how });
    expected.set(report.callSid, row);
    assert.deepEqual(report.violations, []);
  }

  /** It never has a stream. */
  async function turnedAway(row: Partial<CallRow>): Promise<void> {
    const call = stage.stage.placeCall({ ...NUMBER, caller: (caller) => caller.hungUp() });
    expected.set(call.callSid, { outcome: 'shed', outcome_is_own: 0, turns: 0, ...row });
    assert.deepEqual((await call.ended).violations, []);
  }

  let others = 0;
  /** A stream of another account is not ours, whatever its token says. */
  async function withoutValidToken(): Promise<void> {
    const accountSid = `AC${'6'.repeat(32)}`;
    others += 1;
    const seed = 1000 + others;
    const other = await startSimulatedTwilio({ accountSid, authToken: AUTH_TOKEN, seed });
    const call = other.placeCall({
      ...NUMBER,
      webhookUrl: `${stage.stage.orchestrator.url}/`,
      publicUrl: PUBLIC_URL,
      caller: (caller) => caller.hungUp(),
    });
    expected.set(call.callSid, { outcome: 'lost', outcome_is_own: 0, turns: 0, voicemail: 1 });
    await call.ended;
    await other.close();
  }

  test('are one for each call, with how it ended and when', () => {
    assert.ok(expected.size >= 30, `expected 30 calls, got ${expected.size}`);
    assert.deepEqual(
      calls.map(({ call_sid }) => call_sid).toSorted(),
      [...expected.keys()].toSorted(),
    );
    for (const call of calls) {
      const row = expected.get(call.call_sid);
      const got = Object.fromEntries(
        Object.keys(row ?? {}).map((name) => [name, call[name as keyof CallRow]]),
      );
      assert.deepEqual(got, row);
      assert.ok(call.ended_at !== null && call.ended_at >= call.started_at, JSON.stringify(call));
      assert.ok(call.duration_ms !== null && call.duration_ms < 60_000, JSON.stringify(call));
      assert.equal(call.direction, 'inbound');
      assert.equal(call.caller_last4, '0100');
    }
  });

  test('have one message where one was left, and none elsewhere', () => {
    const left = [...expected].filter(([, { voicemail }]) => voicemail === 1);
    assert.deepEqual(
      messages.map(({ call_sid }) => call_sid).toSorted(),
      left.map(([callSid]) => callSid).toSorted(),
    );
    for (const { kind, recording_url, recording_s } of messages) {
      assert.equal(kind, 'voicemail');
      assert.match(recording_url ?? '', /^https:/);
      assert.equal(recording_s, 4);
    }
  });

  test('are served page by page, and each as a whole', async () => {
    const served: { call_sid: string; outcome: string }[] = [];
    for (let cursor = ''; ; ) {
      const page = await ask<Page>(`/calls?limit=7${cursor}`);
      served.push(...page.calls);
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    assert.deepEqual(
      served.map(({ call_sid, outcome }) => [call_sid, outcome]).toSorted(),
      [...expected].map(([callSid, { outcome }]) => [callSid, outcome]).toSorted(),
    );
    for (const { call_sid } of served) {
      const whole = await ask<Whole>(`/calls/${call_sid}`);
      assert.equal(whole.call_sid, call_sid);
      assert.equal(whole.messages.length, expected.get(call_sid)?.voicemail);
      assert.deepEqual(
        whole.events.map(({ seq }) => seq),
        whole.events.map((_, index) => index),
      );
    }
  });

  test('are counted by the report', async () => {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['src/report.ts', '--json'], {
      cwd: ROOT,
      env: { DATA_DIRECTORY: directory },
    });
    const { total } = JSON.parse(stdout);
    const count = (...outcomes: string[]) =>
      [...expected.values()].filter(({ outcome }) => outcomes.includes(outcome ?? '')).length;
    const timeLimits = ENDINGS[0]?.calls ?? 0;
    assert.deepEqual(Object.fromEntries(COUNTED.map((name) => [name, total[name]])), {
      calls: expected.size,
      live: 0,
      completed: count('completed') + timeLimits,
      handedOff: count('handedOff'),
      voicemail: count('voicemail'),
      abandoned: count('abandoned'),
      failed: count('lost', 'shed', 'timedOut') - timeLimits,
      notReached: 0,
      turns: [...expected.values()].reduce((sum, { turns = 0 }) => sum + turns, 0),
    });
    assert.equal(total.toolCalls.transfer_to_staff, count('handedOff'));
  });

  async function ask<Answer>(path: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${API_TOKEN}` };
    const response = await fetch(`${stage.stage.orchestrator.url}${path}`, { headers });
    assert.equal(response.status, 200);
    return (await response.json()) as Answer;
  }
});

/** What is looked at of the API's answers. */
interface Page {
  calls: { call_sid: string; outcome: string }[];
  next: string | null;
}
interface Whole {
  call_sid: string;
  messages: unknown[];
  events: { seq: number }[];
}

const UNANSWERED = {
  does: async (caller: TestCaller<DialogueLine>) => {
    await caller.agentAnswers();
    await caller.speak('yes');
  },
  reaches: 'voicemail',
  expected: { outcome: 'voicemail', outcome_is_own: 1, reason: 'engine', turns: 0, voicemail: 1 },
};
const CUT_OFF = {
  does: (caller: TestCaller<DialogueLine>) => caller.agentAnswers(),
  reaches: 'conversation.listening',
  expected: { outcome: 'timedOut', outcome_is_own: 1, reason: 'shutdown', turns: 0, voicemail: 0 },
};
const COUNTED = [
  ...['calls', 'live', 'completed', 'handedOff', 'voicemail', 'abandoned', 'failed'],
  ...['notReached', 'turns'],
];
