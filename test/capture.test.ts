import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Capture } from '../src/replay/capture.ts';
import { captureCall } from '../src/replay/capture-call.ts';
import { type EventSequence, runSequence } from '../src/replay/event-sequence.ts';
import { type RecordedEvents, readJournal } from '../src/replay/journal.ts';
import { shrink } from '../src/replay/shrink.ts';
import { symptomOf } from '../src/replay/symptom.ts';
import { ACTION, LATENESS, played } from './support/random-call.ts';
import { SyntheticCall } from './support/synthetic-call.ts';
import { wholeCall, withIdleMs, withPayload } from './support/whole-synthetic-call.ts';

function captured(events: RecordedEvents, kind?: string): Capture {
  return captureCall(readJournal(events), kind);
}

function shows({ symptom }: Capture, sequence: EventSequence): boolean {
  return symptom.sightedIn(runSequence(sequence)) !== undefined;
}

function types({ sequence }: Capture): string[] {
  return sequence.events.map(({ type }) => type);
}

/** The answer never comes, and the call waits longer for it than it should. */
function waitingCall(): SyntheticCall {
  const call = new SyntheticCall({ limits: { giveUpMs: 60_000 } }).send('line.started').pass(1730);
  call.send('agent.finished').pass(977).send('caller.spoke').pass(640).send('caller.paused');
  call.pass(220).send('caller.resumed').pass(1500).send('caller.finished');
  return call.pass(30_000).send('caller.hungUp');
}

describe('a captured call', () => {
  test('shows its symptom with events of which none can go', () => {
    fc.assert(
      fc.property(
        fc.array(ACTION, { maxLength: 40 }),
        LATENESS,
        fc.nat(),
        (actions, late, pick) => {
          const call = played(actions, late);
          const paths = call.events.flatMap(({ type, payload }) =>
            type === 'state' ? [(payload as { path: string }).path] : [],
          );
          const capture = captured(call.events, `state:${paths[pick % paths.length]}`);
          const { events } = capture.sequence;
          assert.ok(shows(capture, capture.sequence));
          for (const index of events.keys()) {
            const fewer = { ...capture.sequence, events: events.toSpliced(index, 1) };
            assert.ok(!shows(capture, fewer), `expected ${events[index]?.type} to be needed`);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('is as short as one would write it, in round times', () => {
    const { sequence } = captured(waitingCall().events, 'stuck:20000');
    // The interruption of the greeting is given the floor after 2 s.
    assert.deepEqual(sequence.events, [
      { ms: 0, type: 'line.started' },
      { ms: 100, type: 'caller.spoke' },
      { ms: 2500, type: 'caller.finished' },
    ]);
    // Quiet for 1 s and filling for 3 s, then for more than 20 s nothing.
    assert.equal(sequence.untilMs, 2500 + 4000 + 20_001);
  });

  test('has its events in the order in which they and the timers came', () => {
    const call = new SyntheticCall({ latenessMs: () => 30 }).send('line.started', 'agent.finished');
    // In before the late timer, after its moment; and once more behind it.
    call.pass(8020).send('caller.spoke').pass(500).send('caller.finished').pass(1031);
    const { events } = call.send('agent.audible');
    const capture = captured(events, 'state:conversation.speaking');
    assert.equal(call.path, 'conversation.speaking');
    assert.ok(shows(capture, capture.sequence));
    const filled = captured(events, 'state:conversation.thinking.filling');
    assert.ok(shows(filled, filled.sequence));
  });

  test('tells nothing of who called', () => {
    const call = new SyntheticCall().send('line.started').pass(500);
    call.send({ type: 'caller.pressed', digit: '7' }).send({ type: 'caller.pressed', digit: '0' });
    const { sequence } = captured(call.pass(10).send('agent.finished').events, 'state:handoff');
    assert.deepEqual(sequence.events, [
      { ms: 0, type: 'line.started' },
      { ms: 100, type: 'caller.pressed', digit: '0' },
    ]);
    const given = new SyntheticCall({ personReachable: false }).send('line.started').pass(500);
    given.send({ type: 'agent.transferred', destination: 'Mr Smith' });
    assert.equal(
      captured(given.events, 'state:handoff').sequence.events[1]?.destination,
      'somebody',
    );
  });

  test('may be one that differs from its records: in a state', () => {
    const { events } = wholeCall();
    const row = events.find(
      ({ payload }) => (payload as { path?: string }).path === 'timeout.asking',
    );
    const capture = captured(withPayload(events, row?.seq ?? 0, { path: 'timeout.farewell' }));
    assert.equal(capture.symptom.kind, 'difference');
    assert.equal(capture.expected?.path, 'timeout.farewell');
    assert.deepEqual(types(capture), ['line.started', 'agent.finished']);
    assert.equal(runSequence(capture.sequence).path, 'timeout.asking');
  });

  test('may be one that differs from its records: in words', () => {
    const { events } = wholeCall();
    const filler = events.find(({ payload }) => (payload as { clip?: string }).clip === 'filler');
    const changed = withPayload(events, filler?.seq ?? 0, { command: 'fill', clip: 'checking' });
    const { expected, sequence } = captured(changed, 'difference');
    assert.deepEqual(expected, { path: 'conversation.thinking.filling', told: ['fill checking'] });
    assert.deepEqual(runSequence(sequence).steps.at(-1)?.told, ['fill filler']);
  });

  test('may be one that differs from its records: in a timer', () => {
    const recordedWith = (idleMs: number) => {
      const call = new SyntheticCall({ limits: { idleMs } }).send('line.started').pass(700);
      return call.send('agent.finished').pass(6000).send('caller.spoke').events;
    };
    const missing = captured(withIdleMs(recordedWith(5000), 9000));
    assert.equal(missing.expected?.path, 'timeout.asking');
    assert.equal(runSequence(missing.sequence).path, 'conversation.listening.waiting');
    assert.deepEqual(types(missing), ['line.started', 'agent.finished']);
    const unexpected = captured(withIdleMs(recordedWith(9000), 5000));
    assert.equal(unexpected.expected?.path, 'conversation.listening.waiting');
    assert.equal(runSequence(unexpected.sequence).path, 'timeout.asking');
    assert.deepEqual(types(unexpected), ['line.started', 'agent.finished']);
  });
});

describe('a symptom', () => {
  const { events } = waitingCall();

  test('is the most telling one where none is named', () => {
    assert.equal(captured(events).symptom.kind, 'stuck');
    const cough = new SyntheticCall().send('line.started').pass(900).send('line.lost');
    assert.equal(captured(cough.events).symptom.kind, 'outcome:lost');
  });

  for (const [kind, last] of [
    ['deadAir', 'caller.finished'],
    ['deadAir:7000', 'caller.finished'],
    ['outcome:abandoned', 'caller.hungUp'],
    ['event:caller.paused', 'caller.paused'],
    ['event:limit.silence', 'caller.finished'],
    ['state:conversation.thinking', 'caller.finished'],
    ['state:conversation.thinking.apologising', 'caller.finished'],
  ] as const) {
    test(`may be ${kind}`, () => {
      const capture = captured(events, kind);
      assert.equal(capture.symptom.kind, kind);
      assert.equal(types(capture).at(-1), last);
    });
  }

  test('that does not show is refused with those that do', () => {
    assert.throws(() => captured(events, 'outcome:failed'), {
      name: 'UsageError',
      message:
        /got outcome:failed\nusual ones that show: stuck, deadAir, .*\nothers that show: outcome:abandoned, state:/,
    });
    assert.throws(() => captured(events, 'difference'), /got difference\nusual/);
    const short = new SyntheticCall().send('line.started').pass(500).send('caller.hungUp');
    assert.throws(
      () => captured(short.events),
      /got none, and no usual one does\nusual ones that show: none\n/,
    );
  });

  for (const kind of ['', 'outcome', 'state:', 'event', 'stuck:soon', 'mood:bad', 'deadAir:']) {
    test(`that is none is refused: "${kind}"`, () => {
      assert.throws(() => symptomOf(kind), { name: 'UsageError', message: /outcome:NAME/ });
    });
  }

  test('of the ears is no matter of the machine', () => {
    const call = new SyntheticCall()
      .send('line.started')
      .hear(640, 'silence')
      .send('agent.finished');
    const { events: unheard } = call.send('caller.spoke');
    const refusal =
      /\na difference that no event of the call machine shows: row \d+, .*nothing told by the ears\nusual ones/;
    for (const kind of ['difference', undefined]) {
      assert.throws(() => captured(unheard, kind), { name: 'UsageError', message: refusal });
    }
    assert.equal(captured(call.send('line.lost').events).symptom.kind, 'outcome:lost');
  });
});

test('shrinking gives up after so many trials, and what is left still shows', () => {
  let trials = 0;
  const events = Array.from({ length: 400 }, (_, ms) => ({ ms, type: 'caller.spoke' }));
  const { input } = captured(waitingCall().events).sequence;
  const whole = { input, events, untilMs: 400 };
  const isThere = ({ events: left }: EventSequence) => {
    trials += 1;
    return left.filter(({ ms }) => ms % 2 === 0).length === 200;
  };
  const { events: left } = shrink(whole, isThere, 300);
  assert.ok(trials <= 300 && left.length > 200 && left.length < 400);
  assert.ok(isThere({ ...whole, events: left }));
  assert.equal(shrink(whole, isThere).events.length, 200);
});
