import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type RecordedEvents, readJournal } from '../src/replay/journal.ts';
import { type Replay, type ReplayOptions, replay } from '../src/replay/replay-journal.ts';
import { describeDifference } from '../src/replay/replay-text.ts';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import { AT, turnRow } from './support/journal-rows.ts';
import { ACTION, HEARD, LATENESS, played } from './support/random-call.ts';
import { SyntheticCall } from './support/synthetic-call.ts';
import { renumbered, wholeCall, withIdleMs, withPayload } from './support/whole-synthetic-call.ts';

function replayed({ events }: { events: RecordedEvents }, options?: ReplayOptions): Replay {
  return replay(readJournal(events), options);
}

function indexOf(events: RecordedEvents, type: string): number {
  const index = events.findIndex((row) => row.type === type);
  assert.ok(index > 0, `expected a row ${type}`);
  return index;
}

describe('a call replayed against the machine that it was recorded from', () => {
  test('goes through the recorded states, with the context of each', () => {
    const call = wholeCall();
    const { steps, difference } = replayed(call, { outcome: 'completed' });
    assert.equal(difference, undefined);
    const states = call.events.flatMap(({ type, payload }) =>
      type === 'state' ? [(payload as { path: string }).path] : [],
    );
    assert.ok(states.includes('conversation.bargeIn') && states.includes('timeout.asking'));
    const entered = steps.map(({ path }) => path).filter((path, i, all) => path !== all[i - 1]);
    assert.deepEqual(entered, states);
    const asking = steps.find(({ path }) => path === 'timeout.asking');
    assert.equal(asking?.event, 'xstate.after.idle.call.conversation.listening.waiting');
    assert.equal(asking?.context.reprompts, 1);
    assert.equal(steps.at(-1)?.path, 'ended');
    assert.equal(steps.at(-1)?.context.outcome, 'completed');
  });

  test('does not differ where timers were late and the journal has their order', () => {
    let late = 0;
    const { difference } = replayed(wholeCall(() => (late++ * 7) % 21));
    assert.equal(difference, undefined);
  });

  test('takes its timers as a call fires them, whatever comes between', () => {
    // The event comes in after the moment of the timer, but the timer is later still.
    const call = new SyntheticCall({ latenessMs: () => 40 }).send('line.started', 'agent.finished');
    call.pass(8020).send('caller.spoke').pass(100).send('caller.finished').pass(1035);
    assert.equal(call.path, 'conversation.thinking.quiet');
    assert.equal(replayed(call.pass(5)).difference, undefined);
    assert.equal(call.path, 'conversation.thinking.filling');
  });

  test('may break off anywhere', () => {
    const { events } = wholeCall();
    for (let length = 1; length < events.length; length++) {
      const { difference } = replayed({ events: events.slice(0, length) });
      assert.equal(difference, undefined, `after ${length} rows`);
    }
  });

  test('may have events of one actor that came while another was still being told', () => {
    const call = new SyntheticCall().send('line.started', 'caller.spoke', 'caller.ignored');
    const { events } = call.pass(5).send('agent.finished');
    const [resumed, finished] = [
      events.findIndex(({ payload }) => (payload as { command?: string }).command === 'resume'),
      indexOf(events, 'agent.finished'),
    ];
    const nested = events.toSpliced(finished, 1).toSpliced(resumed + 1, 0, events[finished]!);
    assert.equal(nested[resumed + 1]?.type, 'agent.finished');
    assert.equal(replayed({ events: renumbered(nested) }).difference, undefined);
  });

  test('does not differ, whatever happens in it', () => {
    fc.assert(
      fc.property(fc.array(ACTION, { maxLength: 60 }), LATENESS, (actions, lateness) => {
        const { difference } = replayed(played(actions, lateness));
        assert.equal(difference && describeDifference(difference), undefined);
      }),
      { numRuns: 300 },
    );
  });

  test('does not differ, whatever is heard in it', () => {
    fc.assert(
      fc.property(fc.array(HEARD, { maxLength: 40 }), LATENESS, (actions, lateness) => {
        const { difference } = replayed(played(actions, lateness));
        assert.equal(difference && describeDifference(difference), undefined);
      }),
      { numRuns: 150 },
    );
  });
});

describe('the first difference', () => {
  test('is the row that tells of another state, or of other words', () => {
    const { events } = wholeCall();
    const outputs = events.filter(({ type }) => type === 'state' || type === 'agent.told');
    fc.assert(
      fc.property(fc.constantFrom(...outputs), ({ seq, type }) => {
        const other =
          type === 'state' ? { path: 'voicemail' } : { command: 'play', clip: 'farewell' };
        const { difference } = replayed({ events: withPayload(events, seq, other) });
        assert.equal(difference?.seq, seq);
        assert.equal(difference?.what, type === 'state' ? 'state' : 'words');
        assert.match(difference?.expected ?? '', /voicemail|agent: play farewell/);
      }),
    );
  });

  test('is told with what was recorded, what came, and what was said there', () => {
    const { events } = wholeCall();
    const index = events.findIndex(
      ({ payload }) => (payload as { clip?: string }).clip === 'filler',
    );
    const row = events[index]!;
    const changed = withPayload(events, row.seq, { command: 'fill', clip: 'patience' });
    const turns = [
      turnRow({ at: row.at - 500, text: 'Good evening.' }),
      turnRow({ at: row.at + 100, speaker: 'caller', text: 'Hello?' }),
      turnRow({ at: row.at + 700, text: 'One moment, please.' }),
    ];
    const { difference } = replayed({ events: changed }, { turns });
    assert.deepEqual(difference, {
      what: 'words',
      seq: row.seq,
      ms: row.at - AT,
      expected: 'agent: fill patience',
      got: 'agent: fill filler',
      said: 'One moment, please.',
    });
    assert.match(
      describeDifference(difference!),
      /^row \d+, \d+\.\d{3} s, words: recorded agent: fill patience; replayed agent: fill filler$/,
    );
  });

  test('is a timer that fired at another moment', () => {
    const { events } = wholeCall();
    const index = indexOf(events, 'limit.silence');
    const later = events.map((row, i) => (i >= index ? { ...row, at: row.at + 51 } : row));
    const { difference } = replayed({ events: later });
    assert.equal(difference?.what, 'timing');
    assert.equal(difference?.seq, events[index]?.seq);
    const earlier = events.map((row, i) => (i >= index ? { ...row, at: row.at + 49 } : row));
    assert.notEqual(replayed({ events: earlier }).difference?.seq, events[index]?.seq);
  });

  test('is a timer that should have fired and did not', () => {
    const call = new SyntheticCall({ limits: { idleMs: 60_000 } });
    call.send('line.started', 'agent.finished').pass(10_000).send('caller.spoke');
    const { difference } = replayed({ events: withIdleMs(call.events, 8000) });
    assert.equal(difference?.what, 'timing');
    assert.equal(difference?.expected, 'no timer');
    assert.match(difference?.got ?? '', /idle.* at 8000 ms$/);
    assert.equal(difference?.seq, indexOf(call.events, 'caller.spoke'));
  });

  test('is a timer that fired and does not run', () => {
    const call = new SyntheticCall().send('line.started').pass(500).note('limit.silence');
    const { difference } = replayed(call);
    assert.equal(difference?.what, 'timing');
    assert.equal(difference?.got, 'no such timer in conversation.greeting');
  });

  test('is a state that nothing tells of', () => {
    const { events } = wholeCall();
    const row = events[indexOf(events, 'state')]!;
    const { difference } = replayed({ events: events.filter(({ seq }) => seq !== row.seq) });
    assert.equal(difference?.got, 'conversation.greeting');
    const ended = events.slice(0, -1);
    assert.equal(replayed({ events: ended }).difference, undefined);
    assert.equal(replayed({ events: ended }, { outcome: 'completed' }).difference?.got, 'ended');
  });

  test('is an outcome that the call itself told otherwise', () => {
    const call = wholeCall();
    const { difference } = replayed(call, { outcome: 'abandoned' });
    assert.deepEqual(difference, {
      what: 'outcome',
      seq: call.events.length - 1,
      ms: 24_672,
      expected: 'abandoned',
      got: 'completed',
      said: null,
    });
  });
});

describe('what the ears told', () => {
  test('differs where the turn policy has been changed since', () => {
    const slower = {
      ...TURN_THRESHOLDS,
      finishMs: { open: 800, yesNo: 800, number: 900, name: 900 },
    };
    const call = new SyntheticCall({ thresholds: slower }).send('line.started', 'agent.finished');
    call.hear(1280, 'speech').hear(1600, 'silence').send('caller.hungUp');
    const { difference } = replayed(call);
    assert.equal(difference?.what, 'turn');
    assert.equal(difference?.seq, indexOf(call.events, 'caller.finished'));
    assert.equal(difference?.expected, 'caller.finished at 2080 ms of sound');
    assert.equal(difference?.got, 'caller.finished at 1824 ms of sound');
  });

  test('follows what a turn model said in the call', () => {
    const heard = (complete?: number) => {
      const call = new SyntheticCall().send('line.started', 'agent.finished');
      call.hear(1280, 'speech').hear(160, 'silence').hear(1440, 'silence').send('caller.hungUp');
      const paused = indexOf(call.events, 'caller.paused');
      const { seq, at } = call.events[paused]!;
      const note = {
        call_sid: 'CA1',
        seq: seq + 0.5,
        at,
        type: 'ears.believed',
        payload: { complete },
      };
      return replayed({
        events: call.events.toSpliced(paused + 1, 0, ...(complete ? [note] : [])),
      });
    };
    assert.equal(heard().difference, undefined);
    assert.equal(heard(0.5).difference, undefined);
    // The turn would have gone on.
    assert.equal(heard(0.02).difference?.expected, 'caller.finished');
    assert.equal(heard(0.02).difference?.got, 'nothing told by the ears');
  });

  test('differs where a row is missing that the policy asks for, or too many', () => {
    const { events } = wholeCall();
    const spoke = indexOf(events, 'caller.spoke');
    const missing = events.toSpliced(spoke, 1);
    assert.equal(
      replayed({ events: missing }).difference?.got,
      'nothing more in conversation.listening.waiting',
    );
    const paused = events.toSpliced(indexOf(events, 'caller.paused'), 1, {
      ...events[indexOf(events, 'caller.paused')]!,
      type: 'caller.finished',
    });
    const { difference } = replayed({ events: paused });
    assert.equal(difference?.what, 'turn');
    assert.equal(difference?.expected, 'caller.finished');
    assert.equal(difference?.got, 'caller.paused');
  });

  test('is not asked for while nobody attends', () => {
    const call = new SyntheticCall({ personReachable: false }).send('line.started');
    call.send({ type: 'caller.pressed', digit: '0' }).hear(1600, 'speech').hear(960, 'silence');
    const { events } = call.send('agent.finished');
    assert.ok(!events.some(({ type }) => type === 'caller.spoke'));
    assert.equal(replayed({ events }).difference, undefined);
  });

  test('is taken as recorded where a key caused it', () => {
    const call = new SyntheticCall().send('line.started').hear(640, 'silence');
    call.note('ears.keyed').send('caller.spoke', 'caller.interrupted').hear(640, 'silence');
    call.note('ears.keyed').send('caller.spoke').hear(2016, 'silence');
    call.note('ears.keyed').send('caller.finished').hear(320, 'silence').send('agent.audible');
    assert.equal(replayed(call.hear(640, 'silence')).difference, undefined);
    const unkeyed = call.events.filter(({ type }) => type !== 'ears.keyed');
    const { difference } = replayed({ events: renumbered(unkeyed) });
    assert.equal(difference?.expected, 'caller.spoke');
    assert.equal(difference?.got, 'nothing told by the ears');
  });

  test('is not judged where the call was recorded without its voice activity', () => {
    const call = new SyntheticCall().send('line.started', 'agent.finished', 'caller.spoke');
    assert.equal(replayed(call.send('caller.finished', 'caller.hungUp')).difference, undefined);
  });
});
