import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { recordedLife, turnsOf } from '../src/replay/call-life.ts';
import { readDepartures } from '../src/replay/departures.ts';
import { type Journal, readJournal } from '../src/replay/journal.ts';
import { compareLives, type LifeComparison } from '../src/replay/turn-comparison.ts';
import { whatIf } from '../src/replay/what-if.ts';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import { UsageError } from '../src/usage-error.ts';
import { HEARD, LATENESS, played } from './support/random-call.ts';
import { TEST_LIMITS } from './support/steered-call.ts';
import { SyntheticCall } from './support/synthetic-call.ts';

/**
 * The caller speaks from 1.6 to 2.88 s, pauses for 416 ms, speaks until 4.256 s; the answer, prepared
 * from the last pause on, has its first sound 1024 ms after that and is spoken for 3.2 s.
 */
function answeredCall(): SyntheticCall {
  const call = greeted().hear(1280, 'speech').hear(416, 'silence').hear(960, 'speech');
  return call
    .hear(224 + 1024, 'silence')
    .send('agent.audible')
    .hear(3200, 'silence')
    .send('agent.finished');
}

function greeted(): SyntheticCall {
  return new SyntheticCall().send('line.started').hear(1600, 'silence').send('agent.finished');
}

function ended(call: SyntheticCall): Journal {
  return readJournal(call.hear(320, 'silence').send('caller.hungUp').events);
}

function compared(journal: Journal, ...settings: string[]): LifeComparison {
  const departures = readDepartures(settings, journal.input.limits);
  return compareLives(recordedLife(journal, 'completed'), whatIf(journal, departures));
}

function lives(journal: Journal, ...settings: string[]) {
  const life = whatIf(journal, readDepartures(settings, journal.input.limits));
  const named = (events: (typeof life)['events']) =>
    events.map(({ ms, event }) => `${event.type} ${Math.round(ms)}`);
  return {
    recorded: named(recordedLife(journal, null).events),
    replayed: named(life.events),
    outcome: life.outcome,
  };
}

describe('a call run again', () => {
  test('goes as it was recorded where nothing is set', () => {
    const { recorded, replayed, outcome } = lives(ended(answeredCall()));
    assert.deepEqual(replayed, recorded);
    assert.equal(outcome, 'completed');
  });

  test('comes to an end in order of time, whatever was recorded and whatever is set', () => {
    const settings = fc.constantFrom(
      'endpointing.silenceMs=64',
      'limits.idleMs=0',
      'limits.fillerMs=0',
    );
    fc.assert(
      fc.property(
        fc.array(HEARD, { maxLength: 30 }),
        LATENESS,
        settings,
        (actions, late, setting) => {
          const journal = readJournal(played(actions, late).events);
          const { events } = whatIf(journal, readDepartures([setting], journal.input.limits));
          const moments = events.map(({ ms }) => ms);
          assert.deepEqual(
            moments,
            moments.toSorted((a, b) => a - b),
          );
          assert.ok((moments.at(-1) ?? 0) <= (journal.rows.at(-1)?.ms ?? 0) + 60_000);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('ends turns sooner with less silence, by whole windows', () => {
    const { turns, outcome } = compared(ended(answeredCall()), 'endpointing.silenceMs=450');
    assert.equal(turns.length, 1);
    const [{ recorded, replayed } = {}] = turns;
    assert.equal(recorded?.endpointMs, 544); // the first window from 520 ms on
    assert.equal(replayed?.endpointMs, 480);
    assert.equal(replayed?.speechEndMs, 4256);
    // The reply is ready at the same moment: it was asked for at the same pause.
    assert.equal(replayed?.responseMs, recorded?.responseMs);
    assert.deepEqual(outcome, { recorded: 'completed', replayed: 'completed' });
  });

  test('answers sooner where the answer was there before the turn was over', () => {
    const call = greeted().hear(1280, 'speech').hear(544, 'silence');
    const asked = call.events.find(
      ({ payload }) => (payload as { command?: string }).command === 'prepare',
    );
    const askedAt = asked?.at ?? 0;
    call.send('agent.audible').hear(960, 'silence').send('agent.finished');
    call.note('reply.ended', { ofResult: false, askedAt, firstSoundAt: askedAt + 150 });
    const [turn] = compared(ended(call), 'endpointing.silenceMs=416').turns;
    assert.equal(turn?.recorded?.responseMs, 544);
    assert.equal(turn?.replayed?.endpointMs, 416);
    assert.equal(turn?.replayed?.responseMs, 416);
  });

  test('cuts in where the caller only paused', () => {
    const { turns, cutIns } = compared(ended(answeredCall()), 'endpointing.silenceMs=300');
    assert.deepEqual(cutIns, { recorded: 0, replayed: 1 });
    assert.deepEqual(
      turns.map(({ recorded, replayed }) => [
        recorded?.speechEndMs,
        replayed?.speechEndMs,
        replayed?.isCutIn,
      ]),
      [
        [undefined, 2880, true],
        [4256, 4256, false],
      ],
    );
  });

  test('counts as cut in when the answer is heard before the caller comes back', () => {
    const call = greeted().hear(1280, 'speech').hear(480, 'silence').hear(960, 'speech');
    const events = call.hear(544, 'silence').send('agent.audible').events;
    const askedAt = events.at(-1)?.at ?? 0;
    call.note('reply.ended', { ofResult: false, askedAt, firstSoundAt: askedAt });
    const { cutIns } = compared(ended(call.hear(640, 'silence')), 'endpointing.silenceMs=224');
    assert.deepEqual(cutIns, { recorded: 0, replayed: 1 });
  });

  test('interrupts the agent with less speech, or not at all', () => {
    const call = answeredCall().hear(1280, 'speech').hear(1280, 'silence').send('agent.audible');
    const journal = ended(call.hear(640, 'silence').hear(480, 'speech').hear(960, 'silence'));
    assert.ok(!lives(journal).replayed.some((event) => event.startsWith('caller.interrupted')));
    const { replayed } = lives(journal, 'endpointing.interruptMs=300');
    assert.ok(replayed.some((event) => event.startsWith('caller.interrupted')));
  });

  test('reaches its limits sooner, and ends by them', () => {
    const journal = ended(answeredCall().hear(7040, 'silence'));
    assert.equal(lives(journal).outcome, 'completed');
    const { replayed, outcome } = lives(journal, 'limits.idleMs=1000', 'limits.reprompts=0');
    assert.equal(outcome, 'timedOut');
    const idle = 'xstate.after.idle.call.conversation.listening.waiting';
    assert.ok(replayed.includes(`${idle} ${8704 + 1000}`));
  });

  test('runs on with a silent caller after its records, and then is open', () => {
    const call = new SyntheticCall({ limits: { idleMs: 2000, reprompts: 0 } });
    call.send('line.started').hear(1600, 'silence').send('agent.finished').hear(2016, 'silence');
    const journal = readJournal(call.hear(1600, 'silence').send('agent.finished').events);
    assert.equal(lives(journal, 'limits.idleMs=3000').outcome, 'timedOut');
    assert.equal(lives(journal, 'limits.idleMs=200000').outcome, null);
  });

  test('has the keys that were pressed', () => {
    const call = greeted().hear(320, 'silence');
    call.note('ears.keyed').send('caller.spoke').hear(2016, 'silence');
    call.note('ears.keyed').send('caller.finished').hear(320, 'silence').send('agent.audible');
    const journal = ended(call.hear(640, 'silence').send('agent.finished'));
    const { recorded, replayed } = lives(journal, 'endpointing.silenceMs=300');
    assert.deepEqual(replayed, recorded);
    assert.equal(turnsOf(recordedLife(journal, null))[0]?.responseMs, 320);
  });
});

describe('what is set', () => {
  test('is a threshold or a limit', () => {
    const settings = [
      'endpointing.finishMs.open=400',
      'endpointing.pauseMs=100',
      'limits.idleMs=5000',
    ];
    const { thresholds, limits, ofEars } = readDepartures(settings, TEST_LIMITS);
    assert.equal(thresholds.finishMs.open, 400);
    assert.equal(thresholds.finishMs.yesNo, TURN_THRESHOLDS.finishMs.yesNo);
    assert.equal(thresholds.pauseMs, 100);
    assert.deepEqual(limits, { ...TEST_LIMITS, idleMs: 5000 });
    assert.ok(ofEars);
    assert.ok(!readDepartures(['limits.idleMs=5000'], TEST_LIMITS).ofEars);
  });

  test('is the silence of all expectations, with the pause below it', () => {
    const { thresholds } = readDepartures(['endpointing.silenceMs=200'], TEST_LIMITS);
    const always = { open: 200, yesNo: 200, number: 200, name: 200 };
    assert.deepEqual(thresholds.finishMs, always);
    // Nothing that the caller's voice tells moves it any more.
    const { soonestMs, latestMs } = thresholds.endpoint;
    assert.deepEqual([soonestMs, latestMs], [always, always]);
    assert.equal(thresholds.pauseMs, TURN_THRESHOLDS.pauseMs);
    assert.equal(readDepartures(['endpointing.silenceMs=100'], TEST_LIMITS).thresholds.pauseMs, 68);
    assert.equal(
      readDepartures(['endpointing.silenceMs=800'], TEST_LIMITS).thresholds.pauseMs,
      TURN_THRESHOLDS.pauseMs,
    );
  });

  for (const wrong of ['endpointing.silence=3', 'limits.idle=3', 'idleMs=3', '', '=3']) {
    test(`is refused with all that can be set where it is "${wrong}"`, () => {
      assert.throws(
        () => readDepartures([wrong.includes('=') ? wrong : `${wrong}=1`], TEST_LIMITS),
        (error) =>
          error instanceof UsageError &&
          /endpointing\.silenceMs\n.*endpointing\.endpoint\.pitch\.maxSt\n/s.test(error.message) &&
          /limits\.idleMs\n/.test(error.message),
      );
    });
  }

  for (const wrong of [
    'limits.idleMs',
    'limits.idleMs=',
    'limits.idleMs=soon',
    'limits.idleMs=-1',
  ]) {
    test(`is refused where it is no number from 0: "${wrong}"`, () => {
      assert.throws(
        () => readDepartures([wrong], TEST_LIMITS),
        /expected name=value with a number/,
      );
    });
  }
});
