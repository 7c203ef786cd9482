import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import { TAIL_MS, UtteranceRecorder } from '../src/turns/utterance-recorder.ts';

describe('the utterance recorder', () => {
  it('has nothing before an utterance begins', () => {
    const recorder = recorded(2000);
    assert.equal(recorder.audio().length, 0);
    assert.equal(recorder.durationMs, 0);
  });

  it('begins with the pre-roll and goes up to now', () => {
    const recorder = recorded(2000);
    recorder.begin(1800);
    assert.deepEqual(span(recorder), [1500, 2000]);
    pushFrames(recorder, 2000, 2400);
    assert.deepEqual(span(recorder), [1500, 2400]);
    assert.equal(recorder.durationMs, 900);
  });

  it('keeps its pre-roll however long the silence was, and loses none at the start of the call', () => {
    const late = recorded(120_000);
    late.begin(119_500);
    assert.deepEqual(span(late), [119_200, 120_000]);
    const early = recorded(200);
    early.begin(100);
    assert.deepEqual(span(early), [0, 200]);
  });

  it('cuts the silence after the speech to a tail, and goes on recording', () => {
    const recorder = recorded(3000);
    recorder.begin(2400);
    recorder.end(2500);
    assert.deepEqual(span(recorder), [2100, 2500 + TAIL_MS]);
    pushFrames(recorder, 3000, 3400);
    assert.deepEqual(span(recorder), [2100, 2500 + TAIL_MS]);
  });

  it('continues the same utterance, with the pause in it', () => {
    const recorder = recorded(3000);
    recorder.begin(2400);
    recorder.end(2500);
    recorder.begin(2950);
    assert.deepEqual(span(recorder), [2100, 3000]);
    pushFrames(recorder, 3000, 3200);
    recorder.end(3100);
    assert.deepEqual(span(recorder), [2100, 3200]);
  });

  it('forgets an utterance, but not the past that the next one needs', () => {
    const recorder = recorded(1000);
    recorder.begin(900);
    pushFrames(recorder, 1000, 25_000);
    recorder.discard();
    assert.equal(recorder.durationMs, 0);
    recorder.begin(24_900);
    assert.deepEqual(span(recorder), [24_600, 25_000]);
  });

  it('keeps the newest part of an utterance that is too long', () => {
    const recorder = new UtteranceRecorder({ preRollMs: 100, maxMs: 1000 });
    recorder.begin(0);
    pushFrames(recorder, 0, 10_000);
    assert.deepEqual(span(recorder), [9000, 10_000]);
    recorder.push(stamped(10_000, 15_000));
    assert.deepEqual(span(recorder), [14_000, 15_000]);
  });

  it('hands out a copy, the same one for as long as the utterance is the same', () => {
    const recorder = recorded(1000);
    recorder.begin(300);
    recorder.end(500);
    const audio = recorder.audio();
    pushFrames(recorder, 1000, 20_000);
    assert.equal(recorder.audio(), audio);
    recorder.begin(19_000);
    assert.notEqual(recorder.audio(), audio);
    recorder.discard();
    recorder.begin(19_900);
    assert.deepEqual(span(recorder), [19_600, 20_000]);
  });

  it('has its whole tail at the shortest pause that is told of', () => {
    assert.ok(TAIL_MS <= TURN_THRESHOLDS.pauseMs);
  });

  it('refuses limits that leave no room for an utterance', () => {
    assert.throws(() => new UtteranceRecorder({ preRollMs: 500, maxMs: 500 }), RangeError);
    assert.throws(() => new UtteranceRecorder({ preRollMs: -1 }), RangeError);
  });

  it('always hands out one unbroken stretch that covers the speech and keeps to its limit', () => {
    const step = fc.oneof(
      fc.record({ push: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ begin: fc.integer({ min: 0, max: 250 }) }),
      fc.record({ end: fc.integer({ min: 0, max: 250 }) }),
      fc.constant({ discard: true }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const recorder = new UtteranceRecorder({ preRollMs: 300, maxMs: 4000 });
        let nowMs = 0;
        let onsetMs: number | undefined;
        for (const move of steps) {
          if ('push' in move) {
            recorder.push(stamped(nowMs, nowMs + move.push));
            nowMs += move.push;
          } else if ('begin' in move) {
            const atMs = Math.max(0, nowMs - move.begin);
            onsetMs ??= atMs;
            recorder.begin(atMs);
          } else if ('end' in move) {
            recorder.end(Math.max(onsetMs ?? 0, nowMs - move.end));
          } else {
            onsetMs = undefined;
            recorder.discard();
          }
          assert.ok(recorder.durationMs <= 4000);
          const [fromMs, toMs] = span(recorder);
          if (onsetMs === undefined || nowMs === 0) continue;
          assert.ok(toMs <= nowMs);
          if (toMs - fromMs < 4000 && toMs > fromMs)
            assert.equal(fromMs, Math.max(0, onsetMs - 300));
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** Each millisecond of the stream carries its own number, in four of its eight bytes. */
function stamped(fromMs: number, toMs: number): Uint8Array {
  const bytes = new Uint8Array((toMs - fromMs) * 8);
  const view = new DataView(bytes.buffer);
  for (let ms = fromMs; ms < toMs; ms++) view.setUint32((ms - fromMs) * 8, ms + 1);
  return bytes;
}

function pushFrames(recorder: UtteranceRecorder, fromMs: number, toMs: number): void {
  for (let ms = fromMs; ms < toMs; ms += 20) recorder.push(stamped(ms, Math.min(toMs, ms + 20)));
}

function recorded(ms: number): UtteranceRecorder {
  const recorder = new UtteranceRecorder();
  pushFrames(recorder, 0, ms);
  return recorder;
}

/** From which to which ms of the stream the audio goes; fails when a ms is missing between. */
function span(recorder: UtteranceRecorder): [fromMs: number, toMs: number] {
  const audio = recorder.audio();
  assert.equal(audio.length, recorder.durationMs * 8);
  if (audio.length === 0) return [0, 0];
  const view = new DataView(audio.buffer);
  const fromMs = view.getUint32(0) - 1;
  for (let i = 0; i * 8 < audio.length; i++) assert.equal(view.getUint32(i * 8), fromMs + i + 1);
  return [fromMs, fromMs + audio.length / 8];
}
