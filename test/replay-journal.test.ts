import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  JournalError,
  type RecordedEvents,
  readJournal,
  readLives,
} from '../src/replay/journal.ts';
import { momentsOf } from '../src/replay/moments.ts';
import { MomentsBusyError, MomentsThread } from '../src/replay/moments-thread.ts';
import { replay, replayLives } from '../src/replay/replay-journal.ts';
import { AT } from './support/journal-rows.ts';
import { SyntheticCall } from './support/synthetic-call.ts';
import { wholeCall, withIdleMs, withPayload } from './support/whole-synthetic-call.ts';

describe('a journal', () => {
  test('must begin with what the machine began with', () => {
    const { events } = wholeCall();
    assert.throws(() => readJournal(events.slice(1)), { name: 'JournalError', kind: 'noStart' });
    assert.throws(() => readJournal([]), { name: 'JournalError', kind: 'noStart' });
  });

  for (const [type, payload, message] of [
    ['state', {}, /^row 1, state\.path: .*expected string, received undefined/],
    ['agent.told', { command: 7 }, /^row 1, agent\.told\.command: .*expected string/],
    ['ears.told', { command: 'attend', to: 'nothing' }, /^row 1, ears\.told\.to: .*"listening"/],
    ['ears.believed', { complete: 2 }, /^row 1, ears\.believed\.complete: /],
    [
      'ears.windows',
      { endMs: 32, mode: 'listening', expecting: 'open', windows: 'x' },
      /^row 1, ears\.windows\.windows: expected base64/,
    ],
    ['caller.pressed', { digit: 0 }, /^row 1, caller\.pressed\.digit: .*expected string/],
    ['reply.ended', { ofResult: false }, /^row 1, reply\.ended\.askedAt: /],
    ['playout.ended', null, /^row 1, playout\.ended: .*expected object/],
  ] as const) {
    test(`says what is wrong with a row of ${type}: ${JSON.stringify(payload)}`, () => {
      const { events } = new SyntheticCall().note(type, payload);
      assert.throws(() => readJournal(events), { name: 'JournalError', kind: 'row', message });
    });
  }

  test('says which limit is missing', () => {
    const message = /^row 0, machine\.started\.limits\.idleMs: .*expected number/;
    const events = withIdleMs(new SyntheticCall().events, undefined);
    assert.throws(() => readJournal(events), { name: 'JournalError', message });
  });

  test('says that what happened has been deleted', () => {
    const erased = wholeCall().events.map((row) => ({ ...row, payload: {} }));
    const message = /RETENTION_WORDS_DAYS/;
    assert.throws(() => readJournal(erased), { name: 'JournalError', kind: 'erased', message });
  });

  test('must have its rows in order', () => {
    const { events } = wholeCall();
    const swapped = events.with(1, events[2]!).with(2, events[1]!);
    assert.throws(
      () => readJournal(swapped),
      new JournalError('row', 'expected a row after 2, got row 1'),
    );
  });

  test('goes on where the clock on the wall was set back', () => {
    const { events } = wholeCall();
    const set = events.map((row, i) => (i === 4 ? { ...row, at: row.at - 3_600_000 } : row));
    assert.equal(replay(readJournal(set)).difference, undefined);
  });
});

describe('a call that went on after its stream broke', () => {
  const continued = { cutOff: 'agent', elapsedMs: 9000, turns: 1 } as const;

  /** Cut off while the agent answers; the other life says sorry and goes on with the answer. */
  function twoLives(): RecordedEvents {
    const first = new SyntheticCall().send('line.started', 'agent.finished', 'caller.spoke');
    first.send('caller.finished').pass(400).send('agent.audible').pass(900);
    const second = new SyntheticCall({ continued }).send('line.started').pass(2000);
    second.send('agent.finished').pass(300).send('agent.audible').pass(800);
    second.send('agent.finished').pass(100).send('caller.hungUp');
    const seq = first.events.length;
    const later = second.events.map((row) => ({ ...row, seq: seq + row.seq, at: row.at + 9000 }));
    return [...first.events, ...later];
  }

  test('is replayed life by life', () => {
    const lives = readLives(twoLives());
    assert.deepEqual(
      lives.map(({ seq, startedAt }) => [seq > 0, startedAt - AT]),
      [
        [false, 0],
        [true, 9000],
      ],
    );
    const { steps, difference } = replayLives(lives, { outcome: 'completed' });
    assert.equal(difference, undefined);
    assert.ok(steps.some(({ context }) => context.cutOff === 'agent'));
    assert.equal(steps.at(-1)?.path, 'ended');
    assert.equal(steps.at(-1)?.context.turns, 1);
  });

  test('shows a difference in any of its lives', () => {
    const events = twoLives();
    for (const path of ['conversation.speaking', 'conversation.thinking.quiet']) {
      const row = events.findLast((each) => (each.payload as { path?: string }).path === path);
      const changed = withPayload(events, row?.seq ?? 0, { path: 'conversation.bargeIn' });
      const { difference } = replayLives(readLives(changed));
      assert.deepEqual([difference?.seq, difference?.got], [row?.seq, path]);
    }
    const early = events.find(
      ({ payload }) => (payload as { path?: string }).path === 'conversation.speaking',
    );
    const changed = withPayload(events, early?.seq ?? 0, { path: 'conversation.bargeIn' });
    assert.equal(replayLives(readLives(changed)).difference?.seq, early?.seq);
  });

  test('has the moments of all its lives, each from its beginning', () => {
    const { moments, problem } = momentsOf({ events: twoLives() });
    assert.equal(problem, null);
    const begun = moments.filter(({ event }) => event === 'machine.started');
    assert.deepEqual(
      begun.map(({ path, context }) => [path, context?.turns]),
      [
        ['connecting', 0],
        ['connecting', 0],
      ],
    );
    const started = moments.findLast(({ event }) => event === 'line.started');
    assert.deepEqual([started?.context?.cutOff, started?.context?.turns], ['agent', 1]);
  });

  test('may have been recorded by a release that knew of no other life', () => {
    const events = wholeCall().events.map((row) => {
      if (row.type !== 'machine.started') return row;
      const { limits, ...rest } = row.payload as { limits: Record<string, number> };
      const { handOverMs: _, ...known } = limits;
      return { ...row, payload: { ...rest, limits: known, elapsedMs: 0, turns: 0 } };
    });
    assert.equal(replayLives(readLives(events)).difference, undefined);
  });
});

describe('the moments of a call', () => {
  test('are its events with state and context, from the first row on', () => {
    const { events } = wholeCall();
    const { moments, problem } = momentsOf({ events });
    assert.equal(problem, null);
    assert.deepEqual(
      moments.slice(0, 3).map(({ seq, at, event, path }) => ({ seq, at: at - AT, event, path })),
      [
        { seq: 0, at: 0, event: 'machine.started', path: 'connecting' },
        { seq: 1, at: 0, event: 'line.started', path: 'conversation.greeting' },
        { seq: 5, at: 1600, event: 'agent.finished', path: 'conversation.listening.waiting' },
      ],
    );
    const asking = moments.find(({ path }) => path === 'timeout.asking');
    assert.equal(asking?.context?.reprompts, 1);
    assert.equal(moments.at(-1)?.context?.outcome, 'completed');
    assert.deepEqual(JSON.parse(JSON.stringify(moments)), moments);
  });

  test('are those until now where a call goes on', () => {
    const call = new SyntheticCall().send('line.started').pass(500).send('caller.spoke');
    const { moments, problem } = momentsOf(call);
    assert.equal(problem, null);
    assert.equal(moments.at(-1)?.path, 'conversation.bargeIn');
    assert.equal(moments.at(-1)?.context?.outcome, null);
    assert.deepEqual(momentsOf({ events: [] }).moments, []);
  });

  test('are the recorded states alone where a call was recorded without its limits', () => {
    const { events } = wholeCall();
    const whole = momentsOf({ events });
    const { moments, problem } = momentsOf({ events: events.slice(1) });
    assert.match(problem ?? '', /recorded without its limits/);
    assert.deepEqual(
      moments.map(({ path, context }) => ({ path, context })),
      whole.moments.slice(1).map(({ path }) => ({ path, context: null })),
    );
    assert.match(momentsOf({ events: withIdleMs(events, undefined) }).problem ?? '', /idleMs/);
  });

  test('have their context up to the first difference, and say what it is', () => {
    const { events } = wholeCall();
    const row = events.find(
      ({ payload }) => (payload as { path?: string }).path === 'timeout.asking',
    );
    const { moments, problem } = momentsOf({
      events: withPayload(events, row?.seq ?? 0, { path: 'timeout.farewell' }),
    });
    assert.match(
      problem ?? '',
      /^row \d+, .* recorded timeout\.farewell; replayed timeout\.asking$/,
    );
    const other = moments.findIndex(({ path }) => path === 'timeout.farewell');
    assert.ok(other > 0);
    assert.ok(moments.slice(0, other).every(({ context }) => context !== null));
    assert.ok(moments.slice(other).every(({ context }) => context === null));
    assert.equal(moments.at(-1)?.path, 'ended');
  });
});

test('moments are read in a thread beside, many at once, up to a limit', async () => {
  const { events } = wholeCall();
  const thread = new MomentsThread();
  const asked = Array.from({ length: 12 }, () => thread.read({ events }));
  await assert.rejects(thread.read({ events }), MomentsBusyError);
  const expected = momentsOf({ events });
  for (const moments of await Promise.all(asked)) assert.deepEqual(moments, expected);
});
