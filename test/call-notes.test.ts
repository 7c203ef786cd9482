import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallNotes } from '../src/call/call-notes.ts';
import type { CallRecord } from '../src/call/call-record.ts';
import type { JournalEntry } from '../src/journal/journal-entry.ts';
import { TEST_LIMITS } from './support/steered-call.ts';

const RECORD: CallRecord = {
  callSid: 'CA1',
  outcome: 'handedOff',
  reason: null,
  destination: 'manager',
  turns: 2,
  durationMs: 60_000,
  turnTimings: [],
  interruptions: 1,
  reprompts: 0,
  failures: 0,
  speculation: { used: 2, dropped: 1, wastedMs: 210 },
  deadAirMs: 812.6,
  language: 'de',
  toolCalls: { hold_table: 1 },
  reservationIds: ['R1', 'R2'],
  brief: 'A caller.',
};

function notes() {
  const written: JournalEntry[] = [];
  const journal = { write: (entry: JournalEntry) => void written.push(entry) };
  return { written, notes: new CallNotes({ journal, callSid: 'CA1', versions: '{}' }) };
}

const events = (written: JournalEntry[]) =>
  written.flatMap((entry) => (entry.kind === 'event' ? [entry.row] : []));
const turns = (written: JournalEntry[]) =>
  written.flatMap((entry) => (entry.kind === 'turn' ? [entry.row] : []));

test('events are numbered without a gap and carry nothing that was said', () => {
  const { written, notes: own } = notes();
  own.event({ type: 'caller.spoke' });
  own.event({ type: 'caller.pressed', digit: '0' });
  own.event({ type: 'xstate.error.actor.ears', ...{ error: 'the zebra waltzes' } });
  own.state('conversation.listening.waiting');
  assert.deepEqual(
    events(written).map(({ seq, type, payload }) => [seq, type, payload]),
    [
      [0, 'caller.spoke', '{}'],
      [1, 'caller.pressed', '{"digit":"0"}'],
      [2, 'xstate.error.actor.ears', '{}'],
      [3, 'state', '{"path":"conversation.listening.waiting"}'],
    ],
  );
});

test('what the machine is told and tells is written in order, with what it began with first', () => {
  const { written, notes: own } = notes();
  own.began('en', { limits: TEST_LIMITS, personReachable: true });
  own.onWindows(
    [{ endMs: 32, probability: 0.5, levelDb: -20, pitchHz: 120, echo: 0 }],
    'speaking',
    'yesNo',
  );
  own.earsTold({ type: 'attend', to: 'listening' });
  own.onKey();
  own.agentTold({ type: 'play', clip: 'greeting' });
  own.agentTold({ type: 'hush' });
  const rows = events(written).map(({ type, payload }) => [type, JSON.parse(payload)]);
  const limits = { ...TEST_LIMITS };
  assert.deepEqual(rows, [
    ['machine.started', { limits, personReachable: true }],
    ['ears.windows', { endMs: 32, mode: 'speaking', expecting: 'yesNo', windows: '4:ZCg8AA==' }],
    ['ears.told', { command: 'attend', to: 'listening' }],
    ['ears.keyed', {}],
    ['agent.told', { command: 'play', clip: 'greeting' }],
    ['agent.told', { command: 'hush' }],
  ]);
});

test('sound that was sent and marks that came back are told in moments of the wall clock', (t) => {
  const { written, notes: own } = notes();
  // Of two clocks that go on, each moment would be rounded in its own way.
  const now = performance.now();
  t.mock.method(performance, 'now', () => now);
  t.mock.method(Date, 'now', () => 100_000);
  const [beganAt, endedAt] = [now - 500, now];
  own.playoutEnded({
    generation: 3,
    beganAt,
    endedAt,
    how: 'cleared',
    writtenMs: 900,
    heardMs: 300,
    sent: [[beganAt, 400, 12]],
    marks: [
      [200, beganAt, endedAt],
      [400, beganAt, null],
    ],
  });
  const payload = JSON.parse(events(written)[0]?.payload ?? '');
  const { beganAt: began, endedAt: ended } = payload;
  assert.deepEqual([began, ended], [99_500, 100_000]);
  assert.deepEqual(payload.sent, [[began, 400]]);
  assert.deepEqual(payload.marks, [
    [200, began, ended],
    [400, began, null],
  ]);
});

test("a caller's turn has no words until they are written down, and keeps its moment then", (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1000 });
  const { written, notes: own } = notes();
  const turn = { speaker: 'caller', id: 'a', mulaw: new Uint8Array(8) } as const;
  own.turn(turn, 0, 'en');
  t.mock.timers.tick(5000);
  own.turn({ ...turn, transcript: 'Hello.' }, 0, 'en');
  assert.deepEqual(
    turns(written).map(({ at, text }) => [at, text]),
    [
      [1000, null],
      [1000, 'Hello.'],
    ],
  );
});

test('pressed keys are counted, not kept', () => {
  const { written, notes: own } = notes();
  own.turn({ speaker: 'caller', id: 'a', digits: '4711' }, 0, 'en');
  assert.equal(turns(written)[0]?.text, '(4 keys pressed)');
});

test("a tool's turn is kept without telephone numbers", () => {
  const { written, notes: own } = notes();
  const argumentsJson = JSON.stringify({
    date: '2026-12-24',
    phone: '+4930123456',
    last_digits: '3456',
    text: 'call 030123456 back',
  });
  own.turn(
    { speaker: 'tool', id: '1', name: 'take_message', argumentsJson, result: '{}' },
    1,
    'en',
  );
  const text = turns(written)[0]?.text ?? '';
  assert.doesNotMatch(text, /3456/);
  assert.match(text, /2026-12-24/);
});

test('the times of an answer stand with its turn, and with no other', () => {
  const { written, notes: own } = notes();
  const at = { finishedMs: 500, askedMs: 300, startedMs: 301, firstTokenMs: 450 };
  const timing = { ...at, firstClauseMs: 480, firstSoundMs: 570, audibleMs: 572 };
  own.answered({ turn: 1, endpointReason: 'open: 520 ms of silence', ...timing });
  own.turn({ speaker: 'tool', id: '1', name: 'x', argumentsJson: '{}', result: '{}' }, 1, 'en');
  own.turn({ speaker: 'agent', text: 'Yes.' }, 2, 'en');
  own.turn({ speaker: 'agent', text: 'Are you still there?' }, 3, 'en');
  const latencies = turns(written).map((row) => row.latencies && JSON.parse(row.latencies));
  assert.deepEqual(latencies[0], null);
  assert.equal(latencies[1].response, 572);
  assert.deepEqual(latencies[2], null);
});

test('the record says how the call ended, by the call itself', () => {
  const { written, notes: own } = notes();
  own.ended(RECORD);
  const [entry] = written;
  assert.ok(entry?.kind === 'call');
  const { outcome, outcome_is_own, dead_air_ms, reservation_id, handoff_destination } =
    entry.fields;
  assert.deepEqual(
    [outcome, outcome_is_own, dead_air_ms, reservation_id, handoff_destination],
    ['handedOff', 1, 813, 'R2', 'manager'],
  );
});
