import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CallPauses } from '../src/turns/call-pauses.ts';
import { endpointOf, keypadPauseMs, type TurnEvidence } from '../src/turns/endpointing.ts';
import type { Ending } from '../src/turns/prosody.ts';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import type { Expectation } from '../src/turns/turn-policy.ts';

const { finishMs, endpoint } = TURN_THRESHOLDS;

/** A sentence of usual length, as loud at its end as usual, by a caller whose pitch is known. */
const SENTENCE: Ending = { pitchSt: -3, usualPitchMs: 20_000, dropDb: 3, heldMs: 0 };
const WHISPER: Ending = { pitchSt: undefined, usualPitchMs: 0, dropDb: 20, heldMs: 0 };

function silence(change: Partial<TurnEvidence> & { ending?: Ending } = {}): number {
  return ended(change).silenceMs;
}

function ended(change: Partial<TurnEvidence>) {
  const usual = { expecting: 'open', speechMs: 1800, ending: SENTENCE, callPauseMs: 300 } as const;
  return endpointOf({ ...usual, ...change }, finishMs, endpoint);
}

function pitched(pitchSt: number): Ending {
  return { ...SENTENCE, pitchSt };
}

describe('the silence that ends a turn', () => {
  test('is the usual one of what was asked where nothing is known', () => {
    for (const expecting of Object.keys(finishMs) as Expectation[]) {
      const { silenceMs, reason } = ended({ expecting, ending: WHISPER });
      assert.equal(silenceMs, finishMs[expecting]);
      assert.equal(reason, `${expecting}: ${silenceMs} ms of silence`);
    }
  });

  test('is longer after a level voice than after one that has fallen, semitone by semitone', () => {
    const silences = [0, -1, -2, -3, -4].map((st) => silence({ ending: pitched(st) }));
    silences.slice(1).forEach((ms, i) => {
      assert.ok(ms < silences[i]!, silences.join());
    });
    assert.ok(silences[0]! > 3 * finishMs.open);
  });

  test('is less than half a second after a voice that has fallen as a sentence ends', () => {
    assert.equal(silence({ ending: pitched(-5) }), endpoint.soonestMs.open);
    assert.ok(endpoint.soonestMs.open < 450);
  });

  test('is moved less by a pitch against a usual one that is hardly known', () => {
    const [known, unknown] = [20_000, 100].map((usualPitchMs) =>
      silence({ ending: { ...pitched(0), usualPitchMs } }),
    );
    assert.ok(unknown! < known! && unknown! > finishMs.open);
  });

  test('is shorter the softer the last syllable, and the more has been said', () => {
    const level = pitched(-1);
    assert.ok(silence({ ending: { ...level, dropDb: 9 } }) < silence({ ending: level }));
    const [brief, long] = [800, 4000].map((speechMs) => silence({ ending: level, speechMs }));
    assert.ok(long! < brief!);
  });

  test('is long after "uhhh", whatever its pitch', () => {
    const held = { ...pitched(-6), heldMs: endpoint.held.ms };
    assert.ok(silence({ ending: held }) > 2 * finishMs.open);
  });

  test('is longer for a caller who has come back from long pauses', () => {
    const pauses = new CallPauses(endpoint.pauses.usualMs);
    assert.equal(Math.round(pauses.typicalMs), endpoint.pauses.usualMs);
    for (let i = 0; i < 20; i++) pauses.push(1200);
    assert.ok(pauses.typicalMs > 900 && pauses.typicalMs < 1200);
    assert.ok(silence({ callPauseMs: pauses.typicalMs }) > 1.3 * silence());
    for (let i = 0; i < 8; i++) pauses.push(200);
    assert.ok(pauses.typicalMs < 300, 'only the last ones count');
    pauses.push(90);
    assert.ok(pauses.typicalMs > 200, 'the silence before a plosive is none of them');
  });

  test('is shorter once a whole telephone number has been said', () => {
    const asked = { expecting: 'number', ending: WHISPER } as const;
    assert.equal(silence({ ...asked, speechMs: 2800 }), finishMs.number);
    assert.equal(silence({ ...asked, speechMs: 3500 }), endpoint.soonestMs.number);
  });

  test('hardly follows the melody of a yes', () => {
    for (const st of [0, -2, -6, 5]) {
      const ms = silence({ expecting: 'yesNo', ending: pitched(st), speechMs: 350 });
      assert.ok(Math.abs(ms - finishMs.yesNo) < 80, `${st} semitones: ${ms} ms`);
    }
  });

  test('follows the turn model, but not blindly', () => {
    const [no, unsure, yes] = [0.02, 0.5, 0.98].map((complete) => silence({ complete }));
    assert.equal(unsure, silence());
    assert.ok(yes! < unsure! && unsure! < no!);
    assert.ok(no! <= 4.01 * unsure!);
  });

  test('says what moved it', () => {
    const { reason } = ended({
      ending: pitched(0),
      speechMs: 1000,
      callPauseMs: 900,
      complete: 0.1,
    });
    assert.match(reason, /^open: 1600 ms of silence: pitch 0\.0 st ×4\.0, /);
    assert.match(reason, /pauses of 900 ms ×1\.4, turn model 0\.10 ×3\.0$/);
  });

  test('is within its limits whatever is known', () => {
    const anyEnding = fc.record({
      pitchSt: fc.oneof(fc.constant(undefined), fc.double({ min: -10, max: 10, noNaN: true })),
      usualPitchMs: fc.nat(60_000),
      dropDb: fc.double({ min: 0, max: 40, noNaN: true }),
      heldMs: fc.nat(1000),
    });
    const anyEvidence = fc.record({
      expecting: fc.constantFrom<Expectation>('open', 'yesNo', 'number', 'name'),
      speechMs: fc.nat(60_000),
      ending: anyEnding,
      callPauseMs: fc.integer({ min: 150, max: 3000 }),
      complete: fc.oneof(fc.constant(undefined), fc.double({ min: 0, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const { silenceMs } = endpointOf(evidence, finishMs, endpoint);
        assert.ok(silenceMs >= endpoint.soonestMs[evidence.expecting]);
        assert.ok(silenceMs <= endpoint.latestMs[evidence.expecting]);
      }),
    );
  });
});

test('a key ends its entry sooner once a telephone number may be complete', () => {
  assert.equal(keypadPauseMs(3, true), 2000);
  assert.equal(keypadPauseMs(10, true), 1000);
  assert.equal(keypadPauseMs(10, false), 2000);
});
