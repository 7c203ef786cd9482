import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resample } from '../src/audio/resample.ts';

describe('resampling', () => {
  it('keeps a tone of the telephone band: its level within 0.2 dB, its frequency', () => {
    for (const [fromHz, toHz] of [
      [16000, 8000],
      [8000, 16000],
      [44100, 8000],
      [24000, 8000],
    ] as const) {
      const resampled = resample(tone(1000, fromHz), fromHz, toHz);
      assert.equal(resampled.length, toHz);
      const change = 20 * Math.log10(amplitudeAt(1000, resampled, toHz) / 10000);
      assert.ok(Math.abs(change) < 0.2, `${fromHz} to ${toHz}: ${change.toFixed(2)} dB`);
    }
  });

  it('lets nothing above 4 kHz fold into the telephone band', () => {
    for (const hz of [4500, 5000, 7000]) {
      const folded = amplitudeAt(8000 - hz, resample(tone(hz, 16000), 16000, 8000), 8000);
      assert.ok(20 * Math.log10(folded / 10000) < -60, `${hz} Hz folds at ${folded.toFixed(1)}`);
    }
  });

  it('copies when the rates are equal', () => {
    const samples = Int16Array.of(1, 2, 3);
    const copy = resample(samples, 8000, 8000);
    assert.deepEqual(copy, samples);
    assert.notEqual(copy, samples);
  });

  it('refuses rates that are no rates', () => {
    for (const rate of [0, -8000, 8000.5, Number.NaN]) {
      assert.throws(() => resample(new Int16Array(1), rate, 8000), RangeError);
      assert.throws(() => resample(new Int16Array(1), 8000, rate), RangeError);
    }
  });
});

/** One second at amplitude 10,000. */
function tone(hz: number, rateHz: number): Int16Array {
  return Int16Array.from({ length: rateHz }, (_, i) =>
    Math.round(10000 * Math.sin((2 * Math.PI * hz * i) / rateHz)),
  );
}

/** Amplitude of one frequency, away from the edges. */
function amplitudeAt(hz: number, samples: Int16Array, rateHz: number): number {
  let sine = 0;
  let cosine = 0;
  const from = rateHz / 10;
  const to = rateHz - rateHz / 10;
  for (let i = from; i < to; i++) {
    sine += samples[i]! * Math.sin((2 * Math.PI * hz * i) / rateHz);
    cosine += samples[i]! * Math.cos((2 * Math.PI * hz * i) / rateHz);
  }
  return (2 * Math.hypot(sine, cosine)) / (to - from);
}
