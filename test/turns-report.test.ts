import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { mulawWav, writeWav } from '../src/audio/wav.ts';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import type { SpeechWindow } from '../src/turns/voice-activity.ts';
import { evidenceRows, halfRows } from '../src/turns-report/endpointing-tables.ts';
import type { HeardClip } from '../src/turns-report/hear-clip.ts';
import {
  halfOf,
  type LabelledClip,
  readClip,
  readLabels,
} from '../src/turns-report/labelled-clips.ts';
import { readTurnsArguments } from '../src/turns-report/report-arguments.ts';
import { tradeOff } from '../src/turns-report/trade-off.ts';
import { tradeOffSvg } from '../src/turns-report/trade-off-plot.ts';

const folder = mkdtempSync(join(tmpdir(), 'labelled-'));
after(() => rmSync(folder, { recursive: true }));

const CLIP: LabelledClip = {
  id: 'one',
  category: 'clean',
  file: 'one.wav',
  duration_ms: 4000,
  speech: [
    [320, 1280],
    [1920, 2880],
  ],
  label_confidence: 'exact',
};

describe('labelled recordings', () => {
  const written = (name: string, labels: unknown) => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    writeFileSync(
      join(path, 'labels.json'),
      typeof labels === 'string' ? labels : JSON.stringify(labels),
    );
    return path;
  };

  test('are read with all that their labels say', () => {
    const clips = readLabels(
      written('good', { about: 'x', clips: [{ ...CLIP, echo_loss_db: 12 }] }),
    );
    assert.deepEqual(clips, [{ ...CLIP, echo_loss_db: 12 }]);
  });

  const wrong: [string, unknown, RegExp][] = [
    ['that is no JSON', '{', /labels\.json: expected JSON/],
    ['without clips', { clips: [] }, /labels\.json, clips: /],
    ['of another form', [], /labels\.json, the whole: /],
    ['with a clip without its file', { clips: [{ ...CLIP, file: 3 }] }, /clips\.0\.file: /],
    ['with speech that is no pair', { clips: [{ ...CLIP, speech: [[1]] }] }, /clips\.0\.speech\.0/],
  ];
  for (const [what, labels, message] of wrong) {
    test(`${what} are refused, and it is said where`, () => {
      assert.throws(() => readLabels(written('wrong', labels)), { name: 'UsageError', message });
    });
  }

  test('that are not there are asked for', () => {
    assert.throws(() => readLabels(join(folder, 'nowhere')), {
      name: 'UsageError',
      message: /found no .*nowhere.labels\.json: name their folder with --folder/,
    });
    assert.throws(() => readClip(folder, CLIP), { name: 'UsageError', message: /one\.wav: / });
  });

  test('are at 8 kHz', () => {
    const samples = Int16Array.of(1, 2, 3);
    writeFileSync(
      join(folder, 'one.wav'),
      writeWav({ sampleRateHz: 16_000, channels: 1, samples }),
    );
    assert.throws(() => readClip(folder, CLIP), { message: /expected 8000 Hz, got 16000/ });
    writeFileSync(join(folder, 'one.wav'), mulawWav(new Uint8Array(80)));
    assert.equal(readClip(folder, CLIP).length, 80);
  });

  test('fall into two halves, with what was made of a recording beside it', () => {
    const clips = Array.from({ length: 200 }, (_, i) => ({ ...CLIP, id: `clip${i}` }));
    const first = clips.filter((clip) => halfOf(clip) === 0).length;
    assert.ok(first > 70 && first < 130, `${first} of 200`);
    for (const { id } of clips) {
      const made = { ...CLIP, id: `pause_${id}`, source: { from: [id] } };
      assert.equal(halfOf(made), halfOf({ ...CLIP, id }));
    }
  });
});

test('the command line is a folder and thresholds', () => {
  const args = ['--folder', 'here', '--set', 'endpointing.finishMs.open=600'];
  assert.deepEqual(readTurnsArguments(args), {
    folder: 'here',
    settings: ['endpointing.finishMs.open=600'],
  });
  assert.deepEqual(readTurnsArguments([]), { folder: undefined, settings: [] });
  for (const wrong of [['--fold'], ['--set', 'limits.idleMs=3'], ['here']]) {
    assert.throws(() => readTurnsArguments(wrong), { name: 'UsageError' });
  }
});

describe('a sentence with a pause of 640 ms', () => {
  const sentence: HeardClip = { clip: CLIP, windows: heard() };

  test('is cut into by a silence that is shorter, and not by one that is longer', () => {
    const curves = tradeOff([sentence], TURN_THRESHOLDS);
    const alone = curves.find(({ name }) => name === 'silence alone');
    const shares = new Map(alone?.points.map((point) => [point.silenceMs, point.cutInPercent]));
    assert.deepEqual([shares.get(300), shares.get(520), shares.get(720)], [100, 100, 0]);
    const p50 = alone?.points.map(({ responseP50 }) => responseP50) ?? [];
    assert.deepEqual(
      p50,
      p50.toSorted((a, b) => a - b),
      'patience costs time',
    );
  });

  test('is counted in its half, and by each piece of evidence', () => {
    const halves = halfRows([sentence], TURN_THRESHOLDS);
    assert.deepEqual(
      halves
        .map(({ half, turns }) => [half, turns])
        .slice(halfOf(CLIP) === 0 ? 0 : 1, 3)
        .at(0),
      [halfOf(CLIP) === 0 ? 'first' : 'second', 1],
    );
    assert.equal(halves.at(-1)?.pauses, 1);
    const rows = evidenceRows([sentence], TURN_THRESHOLDS);
    assert.ok(rows.length > 4 && rows.every(({ turns }) => turns === 1));
  });

  test('is drawn as points within the picture', () => {
    const curves = tradeOff([sentence], TURN_THRESHOLDS);
    const svg = tradeOffSvg(curves, TURN_THRESHOLDS.finishMs.open);
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
    const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
    assert.equal(points.length, 2 * curves.flatMap((curve) => curve.points).length);
    for (const [, x, y] of points) {
      assert.ok(Number(x) < Number(width) && Number(y) < Number(height));
    }
    assert.equal(svg.match(/r="6"/g)?.length, 2, 'the point in use, in both panels');
  });
});

/** Speech without a pitch where the label says so. */
function heard(): SpeechWindow[] {
  return Array.from({ length: 200 }, (_, i) => {
    const endMs = 32 * (i + 1);
    const speaks = CLIP.speech.some(([start, end]) => endMs > start && endMs <= end);
    const level = speaks
      ? { probability: 0.95, levelDb: -20 }
      : { probability: 0.02, levelDb: -70 };
    return { endMs, ...level, pitchHz: 0, echo: 0 };
  });
}
