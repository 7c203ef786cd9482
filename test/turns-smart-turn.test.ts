import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { doubleRate } from '../src/audio/double-rate.ts';
import { SmartTurn } from '../src/turns/smart-turn.ts';
import { smartTurnFeatures } from '../src/turns/smart-turn-features.ts';
import { modelFile } from './support/model-file.ts';

describe('what the turn model listens to', () => {
  test('is the log-mel spectrogram that a plain transform of the definition gives', () => {
    // A second and a half of a voice that glides, with a little noise; zeros stand before it.
    let phase = 0;
    const samples = Float32Array.from({ length: 24_001 }, (_, i) => {
      phase += (120 + i / 400) / 16_000;
      return 3000 * (phase % 1) + 40 * Math.sin(i * i);
    });
    const features = smartTurnFeatures(samples);
    const expected = plainFeatures(samples);
    assert.equal(features.length, expected.length);
    let worst = 0;
    features.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - expected[i]!));
    });
    assert.ok(worst < 1e-3, `off by ${worst}`);
    assert.ok(Math.max(...features) - Math.min(...features) > 1.5, 'it is not all the same');
  });

  test('is of the last 8 s', () => {
    const long = Float32Array.from({ length: 150_000 }, (_, i) => Math.sin(i / 7) * (i % 997));
    assert.deepEqual(smartTurnFeatures(long), smartTurnFeatures(long.subarray(22_000)));
  });

  test('is at 16 kHz: what lies between two samples is what the sound was there', () => {
    const sine = (i: number, rate: number) => 10_000 * Math.sin((2 * Math.PI * 1700 * i) / rate);
    const doubled = doubleRate(Int16Array.from({ length: 800 }, (_, i) => sine(i, 8000)));
    for (let i = 100; i < 1500; i++) {
      assert.ok(Math.abs(doubled[i]! * 32_768 - sine(i, 16_000)) < 20, `sample ${i}`);
    }
  });
});

describe('the turn model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'turn-model-'));
  after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'model.onnx');
  writeFileSync(path, modelFile());
  /** A busy machine is no fault here. */
  const PATIENT = { answerLimitMs: 10_000 };

  test('is loaded from its file and answers each turn by itself', async () => {
    const model = await SmartTurn.start(path, assert.fail, PATIENT);
    try {
      const turns = [new Int16Array(), speech(8000), speech(64_000), speech(200_000)];
      const answers = await Promise.all(turns.map((turn) => model.judge(turn)));
      // The file is a network that gives the sigmoid of the mean of all features.
      const expected = turns.map((turn) => {
        const features = smartTurnFeatures(doubleRate(turn.slice(-64_000)));
        return 1 / (1 + Math.exp(-features.reduce((sum, each) => sum + each / features.length, 0)));
      });
      answers.forEach((answer, i) => {
        assert.ok(answer !== undefined && Math.abs(answer - expected[i]!) < 1e-3, `turn ${i}`);
      });
      assert.ok(new Set(expected).size > 2);
    } finally {
      await model.close();
    }
    assert.equal(await model.judge(speech(8000)), undefined, 'nothing more after close');
  });

  test('has no answer where too many ask at once, and rejects nobody', async () => {
    const model = await SmartTurn.start(path, assert.fail, PATIENT);
    try {
      const answers = await Promise.all(Array.from({ length: 20 }, () => model.judge(speech(800))));
      assert.ok(answers.filter((answer) => answer === undefined).length >= 12);
    } finally {
      await model.close();
    }
  });

  test('is waited for no longer than a turn waits for its end', async () => {
    const model = await SmartTurn.start(path, assert.fail, { answerLimitMs: 0 });
    assert.equal(await model.judge(speech(64_000)), undefined);
    await model.close();
  });

  test('says what is wrong with a file that is none', async () => {
    const missing = join(folder, 'missing.onnx');
    await assert.rejects(SmartTurn.start(missing, assert.fail), {
      name: 'TurnModelError',
      kind: 'load',
      message: /missing\.onnx could not be started: /,
    });
    const other = join(folder, 'other.onnx');
    writeFileSync(other, modelFile('features'));
    await assert.rejects(SmartTurn.start(other, assert.fail), { kind: 'load' });
  });
});

function speech(samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) => 8000 * (((i * 140) / 8000) % 1));
}

/** Straight from the definition: every bin of every frame is a sum over the window. */
function plainFeatures(samples: Float32Array): Float64Array {
  const sound = new Float64Array(128_000);
  sound.set(samples, 128_000 - samples.length);
  const mean = sound.reduce((sum, each) => sum + each, 0) / sound.length;
  const variance = sound.reduce((sum, each) => sum + (each - mean) ** 2, 0) / sound.length;
  const at = (i: number) => {
    const mirrored = i < 0 ? -i : i >= 128_000 ? 2 * 127_999 - i : i;
    return (sound[mirrored]! - mean) / Math.sqrt(variance + 1e-7);
  };
  const angle = (i: number) => (2 * Math.PI * i) / 400;
  const cosines = Array.from({ length: 400 }, (_, i) => Math.cos(angle(i)));
  const sines = Array.from({ length: 400 }, (_, i) => Math.sin(angle(i)));
  const filters = slaneyFilters();
  const logs = new Float64Array(80 * 800);
  const power = new Float64Array(201);
  for (let frame = 0; frame < 800; frame++) {
    const windowed = Array.from(
      { length: 400 },
      (_, i) => at(frame * 160 - 200 + i) * (0.5 - 0.5 * cosines[i]!),
    );
    for (let bin = 0; bin <= 200; bin++) {
      let [re, im] = [0, 0];
      for (let i = 0; i < 400; i++) {
        re += windowed[i]! * cosines[(i * bin) % 400]!;
        im -= windowed[i]! * sines[(i * bin) % 400]!;
      }
      power[bin] = re * re + im * im;
    }
    filters.forEach((filter, mel) => {
      const energy = filter.reduce((sum, weight, bin) => sum + weight * power[bin]!, 0);
      logs[mel * 800 + frame] = Math.log10(Math.max(1e-10, energy));
    });
  }
  const loudest = logs.reduce((most, each) => Math.max(most, each), -Infinity);
  return logs.map((each) => (Math.max(each, loudest - 8) + 4) / 4);
}

/** As librosa's `mel(sr=16000, n_fft=400, n_mels=80)`. */
function slaneyFilters(): number[][] {
  const step = Math.log(6.4) / 27;
  const toMel = (hz: number) => (hz >= 1000 ? 15 + Math.log(hz / 1000) / step : hz / (200 / 3));
  const toHz = (mel: number) => (mel >= 15 ? 1000 * Math.exp(step * (mel - 15)) : (200 / 3) * mel);
  const points = Array.from({ length: 82 }, (_, i) => toHz((i * toMel(8000)) / 81));
  return Array.from({ length: 80 }, (_, mel) =>
    Array.from({ length: 201 }, (_, bin) => {
      const hz = bin * 40;
      const [a, b, c] = [points[mel]!, points[mel + 1]!, points[mel + 2]!];
      const weight = Math.max(0, Math.min((hz - a) / (b - a), (c - hz) / (c - b)));
      return (weight * 2) / (c - a);
    }),
  );
}
