import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import {
  type Expectation,
  type TurnEvent,
  type TurnMode,
  TurnPolicy,
} from '../src/turns/turn-policy.ts';
import type { SpeechWindow } from '../src/turns/voice-activity.ts';

describe('a turn while listening', () => {
  it('is announced at the second voiced window, with the onset at the first', () => {
    const [spoke] = play(new TurnPolicy(), '..##').events;
    assert.deepEqual(spoke, { type: 'spoke', onsetMs: 64, atMs: 128 });
  });

  it('has its onset dated back along rising windows, by 128 ms at most', () => {
    assert.equal(onsetOf('..--##'), 64);
    assert.equal(onsetOf('..--------##'), 320 - 128);
    assert.equal(onsetOf('.--.##'), 128, 'a window of silence between breaks the rise');
  });

  it('pauses, and finishes after the silence that an open question allows', () => {
    assert.deepEqual(timeline('##########', silence(800)), [
      'spoke@64',
      'paused@448',
      'finished@864',
    ]);
  });

  it('finishes with the end of the sound, its voiced time, and the threshold that decided', () => {
    const { events } = play(new TurnPolicy(), '##########', silence(800));
    assert.deepEqual(events.at(-1), {
      type: 'finished',
      speechEndMs: 320,
      speechMs: 320,
      reason: 'open: 520 ms of silence',
      atMs: 864,
    });
  });

  it('resumes after a pause, and the silence counts anew', () => {
    assert.deepEqual(timeline('##########', silence(320), '##########', silence(800)), [
      'spoke@64',
      'paused@448',
      'resumed@704',
      'paused@1088',
      'finished@1504',
    ]);
  });

  it('does not resume for a single voiced window, and the silence goes on through it', () => {
    assert.deepEqual(timeline('##########', silence(320), '#', silence(480)), [
      'spoke@64',
      'paused@448',
      'finished@864',
    ]);
  });

  it('stays in speech while the probability dips to the lower threshold', () => {
    assert.deepEqual(timeline('##', '='.repeat(20), '##'), ['spoke@64']);
  });

  it('ignores a click of two windows, and never announces one of a single window', () => {
    assert.deepEqual(timeline('.#', silence(800)), []);
    assert.deepEqual(timeline('.##', silence(800)), ['spoke@96', 'ignored@512']);
  });

  it('does not count the hangover of the detector as speech', () => {
    // Eight windows of sound, then three that are voiced still but as quiet as the line.
    const { events } = play(new TurnPolicy(), '....########hhh', silence(800));
    const finished = events.at(-1);
    assert.ok(finished?.type === 'finished');
    assert.equal(finished.speechEndMs, 12 * 32);
    assert.equal(finished.speechMs, 8 * 32);
  });

  it('takes voiced windows near the noise for speech when they go on for long', () => {
    const { events } = play(new TurnPolicy(), '....####', 'h'.repeat(30));
    assert.deepEqual(
      events.map(({ type }) => type),
      ['spoke'],
    );
  });
});

describe('the silence that ends a turn', () => {
  const cases: [Expectation, string, number, string][] = [
    ['yesNo', '##########', 400, 'yesNo: 400 ms of silence'],
    ['open', '##########', 520, 'open: 520 ms of silence'],
    ['number', '##########', 900, 'number: 900 ms of silence'],
    ['name', '##########', 900, 'name: 900 ms of silence'],
  ];
  for (const [expecting, speech, ms, reason] of cases) {
    it(`is ${ms} ms after ${speech.replaceAll('.', '').length} windows, asked for ${expecting}`, () => {
      const policy = new TurnPolicy();
      policy.attend('listening', expecting);
      const { events } = play(policy, speech, silence(1500));
      const finished = events.find(({ type }) => type === 'finished');
      assert.ok(finished?.type === 'finished');
      assert.equal(finished.reason, reason);
      const lateMs = finished.atMs - finished.speechEndMs - ms;
      assert.ok(lateMs >= 0 && lateMs < 32, `late by ${lateMs} ms`);
    });
  }

  it('follows a change of what was asked in the middle of the segment', () => {
    const policy = new TurnPolicy();
    play(policy, '##########');
    policy.attend('listening', 'yesNo');
    const finished = play(policy, silence(800)).events.at(-1);
    assert.ok(finished?.type === 'finished');
    assert.equal(finished.reason, 'yesNo: 400 ms of silence');
  });
});

describe('the voice of a turn', () => {
  const silenceOf = (policy: TurnPolicy, ...traces: string[]) => {
    const finished = play(policy, ...traces).events.findLast(({ type }) => type === 'finished');
    assert.ok(finished?.type === 'finished');
    return finished.atMs - finished.speechEndMs;
  };

  it('that stays where it is waits longer than one that falls at the end', () => {
    const level = silenceOf(new TurnPolicy(), 'nN'.repeat(20), silence(2200));
    const fallen = silenceOf(new TurnPolicy(), `${'nN'.repeat(18)}llll`, silence(2200));
    assert.ok(level > 1200, `level: ${level} ms`);
    assert.ok(fallen <= 448, `fallen: ${fallen} ms`);
  });

  it('is known from earlier turns, and not from what is heard while the agent speaks', () => {
    const policy = new TurnPolicy();
    play(policy, 'nN'.repeat(30), silence(2200));
    policy.attend('speaking');
    play(policy, 'l'.repeat(200), silence(800));
    policy.attend('listening');
    assert.ok(silenceOf(policy, 'nN'.repeat(10), silence(2200)) > 1200);
  });

  it('waits longer where the caller has come back from long pauses, also after a finished turn', () => {
    const policy = new TurnPolicy();
    const first = silenceOf(policy, 'n'.repeat(20), 'llll', silence(640));
    for (let i = 0; i < 4; i++) play(policy, 'nN'.repeat(10), silence(1100));
    const last = play(policy, '##########', silence(2200)).events.at(-1);
    assert.ok(first < 500);
    assert.ok(
      last?.type === 'finished' && / pauses of \d+ ms ×1\.\d$/.test(last.reason),
      'it is said',
    );
  });

  it('counts for less than a turn model, until the caller goes on', () => {
    const policy = new TurnPolicy();
    policy.believe(0.99);
    play(policy, '##########', silence(160));
    policy.believe(0.01);
    const long = play(policy, silence(2200)).events.at(-1);
    assert.ok(long?.type === 'finished' && long.reason.endsWith('turn model 0.01 ×4.0'));
    play(policy, '##########', silence(160));
    policy.believe(0.01);
    const [, , finished] = play(policy, '#####', silence(2200)).events;
    assert.ok(finished?.type === 'finished' && !finished.reason.includes('model'));
  });
});

describe('a sound over the agent', () => {
  it('is announced within 64 ms of the first voiced window', () => {
    const policy = new TurnPolicy();
    policy.attend('speaking');
    assert.deepEqual(play(policy, '..##').names, ['spoke@128']);
  });

  it('is ignored when it is as short as a "mhm"', () => {
    assert.deepEqual(overAgent('#'.repeat(13), silence(800)), ['spoke@64', 'ignored@832']);
  });

  it('is an interruption once it has 600 ms of voice, and then a turn like any other', () => {
    assert.deepEqual(overAgent('#'.repeat(25), silence(800)), [
      'spoke@64',
      'interrupted@608',
      'paused@928',
      'finished@1344',
    ]);
  });

  it('adds up across a short gap: "no ... wait a moment"', () => {
    assert.deepEqual(overAgent('#'.repeat(10), silence(256), '#'.repeat(12), silence(800)), [
      'spoke@64',
      'interrupted@672',
      'paused@1088',
      'finished@1504',
    ]);
  });

  it('ends as ignored when the agent would not be stopped', () => {
    const policy = new TurnPolicy();
    policy.attend('speaking');
    assert.deepEqual(play(policy, '#'.repeat(40), silence(800)).names, [
      'spoke@64',
      'ignored@1696',
    ]);
  });

  it('is announced again when the agent takes the floor from a caller who goes on', () => {
    const policy = new TurnPolicy();
    assert.deepEqual(play(policy, '#'.repeat(10)).names, ['spoke@64']);
    policy.attend('speaking');
    assert.deepEqual(play(policy, '#'.repeat(10)).names, ['spoke@384']);
  });

  it('continues the utterance in mode thinking, as a segment of its own', () => {
    const policy = new TurnPolicy();
    play(policy, '##########', silence(544));
    policy.attend('thinking');
    const names = play(policy, '##########', silence(800)).names;
    assert.deepEqual(
      names.map((name) => name.split('@')[0]),
      ['spoke', 'paused', 'finished'],
    );
  });
});

describe('any sound at all', () => {
  const anyWindow = fc.record({
    probability: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0.02, 0.98)),
    levelDb: fc.integer({ min: -96, max: 0 }),
    pitchHz: fc.oneof(fc.constant(0), fc.integer({ min: 60, max: 400 })),
    echo: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const anyMode = fc.constantFrom<TurnMode>('listening', 'thinking', 'speaking', 'interrupted');
  const anyExpectation = fc.constantFrom<Expectation>('open', 'yesNo', 'number', 'name');
  const anyRun = fc.tuple(anyWindow, fc.integer({ min: 1, max: 40 }));

  it('is closed exactly once by finished or ignored, in any one mode', () => {
    fc.assert(
      fc.property(
        anyMode,
        anyExpectation,
        fc.array(anyRun, { maxLength: 30 }),
        (mode, asked, runs) => {
          const policy = new TurnPolicy();
          policy.attend(mode, asked);
          assertWellFormed(pushAll(policy, runs));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is closed exactly once when the owner follows the events through the modes', () => {
    fc.assert(
      fc.property(anyExpectation, fc.array(anyRun, { maxLength: 30 }), (asked, runs) => {
        const policy = new TurnPolicy();
        policy.attend('speaking');
        const events = pushAll(policy, runs, ({ type }) => {
          if (type === 'spoke') policy.attend('interrupted');
          if (type === 'interrupted') policy.attend('listening', asked);
          if (type === 'finished') policy.attend('thinking');
        });
        assertWellFormed(events);
      }),
      { numRuns: 300 },
    );
  });
});

type Timed = TurnEvent & { atMs: number };

/** `#` speech without a pitch, `n` and `N` at the usual one, `l` lower, `=` between the thresholds, `-` rising, `h` voiced but silent, `.` silence. */
const WINDOW_OF: Record<string, Omit<SpeechWindow, 'endMs'>> = {
  '#': { probability: 0.95, levelDb: -20, pitchHz: 0, echo: 0 },
  n: { probability: 0.95, levelDb: -20, pitchHz: 140, echo: 0 },
  N: { probability: 0.95, levelDb: -26, pitchHz: 144, echo: 0 },
  l: { probability: 0.95, levelDb: -22, pitchHz: 106, echo: 0 },
  '=': { probability: 0.4, levelDb: -25, pitchHz: 0, echo: 0 },
  '-': { probability: 0.2, levelDb: -45, pitchHz: 0, echo: 0 },
  h: { probability: 0.9, levelDb: -68, pitchHz: 0, echo: 0 },
  '.': { probability: 0.02, levelDb: -70, pitchHz: 0, echo: 0 },
};

const positions = new WeakMap<TurnPolicy, number>();

function play(policy: TurnPolicy, ...traces: string[]): { events: Timed[]; names: string[] } {
  const events: Timed[] = [];
  for (const sign of traces.join('')) {
    const endMs = (positions.get(policy) ?? 0) + 32;
    positions.set(policy, endMs);
    for (const event of policy.push({ ...WINDOW_OF[sign]!, endMs }))
      events.push({ ...event, atMs: endMs });
  }
  return { events, names: events.map(({ type, atMs }) => `${type}@${atMs}`) };
}

function timeline(...traces: string[]): string[] {
  return play(new TurnPolicy(), ...traces).names;
}

/** The owner stops the sound at `spoke`, and listens once it is an interruption. */
function overAgent(...traces: string[]): string[] {
  const policy = new TurnPolicy();
  policy.attend('speaking');
  return [...traces.join('')].flatMap((sign) => {
    const { events, names } = play(policy, sign);
    for (const { type } of events) {
      if (type === 'spoke') policy.attend('interrupted');
      if (type === 'interrupted') policy.attend('listening');
    }
    return names;
  });
}

function onsetOf(trace: string): number | undefined {
  const spoke = play(new TurnPolicy(), trace).events.find(({ type }) => type === 'spoke');
  return spoke?.type === 'spoke' ? spoke.onsetMs : undefined;
}

function silence(ms: number): string {
  return '.'.repeat(Math.ceil(ms / 32));
}

/** Pushes the runs and then two seconds of silence. */
function pushAll(
  policy: TurnPolicy,
  runs: readonly (readonly [Omit<SpeechWindow, 'endMs'>, number])[],
  onEvent: (event: TurnEvent) => void = () => {},
): Timed[] {
  const events: Timed[] = [];
  let endMs = 0;
  for (const [window, count] of [...runs, [WINDOW_OF['.']!, 64] as const]) {
    for (let i = 0; i < count; i++) {
      endMs += 32;
      for (const event of policy.push({ ...window, endMs })) {
        events.push({ ...event, atMs: endMs });
        onEvent(event);
      }
    }
  }
  return events;
}

/** spoke, then pauses in pairs and at most one interruption, then one of finished and ignored. */
function assertWellFormed(events: readonly Timed[]): void {
  const letters = events.map(({ type }) => LETTERS[type]).join('');
  assert.match(letters, /^(s((pr)*(i(pr)*)?(pr)*p?f|x))*$/);
  for (const event of events) {
    if ('speechMs' in event) assert.ok(event.speechMs >= 0 && event.speechMs <= event.atMs);
    if ('speechEndMs' in event) assert.ok(event.speechEndMs <= event.atMs);
    if ('onsetMs' in event) assert.ok(event.onsetMs >= 0 && event.onsetMs < event.atMs);
    if (event.type === 'finished') {
      const { soonestMs } = TURN_THRESHOLDS.endpoint;
      assert.ok(event.atMs - event.speechEndMs >= Math.min(...Object.values(soonestMs)));
    }
  }
}

const LETTERS = {
  spoke: 's',
  paused: 'p',
  resumed: 'r',
  interrupted: 'i',
  finished: 'f',
  ignored: 'x',
};
