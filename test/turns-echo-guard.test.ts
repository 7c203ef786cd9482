import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeMulaw } from '../src/audio/mulaw.ts';
import { type EchoPath, LineEcho } from '../src/simulators/twilio/line-echo.ts';
import { EchoGuard } from '../src/turns/echo-guard.ts';
import { TURN_THRESHOLDS } from '../src/turns/thresholds.ts';
import { mulawOf, speechLike } from './support/speech-like.ts';

const FRAME = 160;
const FRAME_MS = 20;
const WINDOW_MS = 32;

/** A call's line: what is played comes back, and the caller may speak. */
class Line {
  readonly guard = new EchoGuard((samples) => this.left.push(...samples));
  readonly heard: number[] = [];
  readonly left: number[] = [];
  #path: LineEcho | undefined;

  constructor(path?: EchoPath) {
    this.#path = path && new LineEcho(path);
  }

  get ms(): number {
    return this.heard.length / 8;
  }

  /** @param said the caller's, as long as what is played or shorter */
  play(mulaw: Uint8Array, said: Uint8Array = new Uint8Array()): void {
    for (let at = 0; at + FRAME <= mulaw.length; at += FRAME) {
      const played = mulaw.subarray(at, at + FRAME);
      this.guard.sent(played);
      this.#frame(played, said.subarray(at, at + FRAME));
    }
  }

  /** It is played, and what comes back of it never reaches us. */
  lose(mulaw: Uint8Array): void {
    for (let at = 0; at + FRAME <= mulaw.length; at += FRAME) {
      const played = mulaw.subarray(at, at + FRAME);
      this.guard.sent(played);
      this.#path?.mix(undefined);
      this.#path?.heard(played);
      this.guard.skip(FRAME);
    }
  }

  /** What is sent is cleared before any of it is played. */
  pause(ms: number): void {
    for (let at = 0; at < ms; at += FRAME_MS) this.#frame(new Uint8Array(), new Uint8Array());
  }

  changePath(path: EchoPath): void {
    this.#path = new LineEcho(path);
  }

  /** By how much a stretch has been weakened, in dB. */
  lossDb(fromMs: number, toMs: number): number {
    return (
      levelDb(this.heard.slice(fromMs * 8, toMs * 8)) -
      levelDb(this.left.slice(fromMs * 8, toMs * 8))
    );
  }

  echoes(fromMs: number, toMs: number): number[] {
    const echoes: number[] = [];
    for (let endMs = Math.ceil(fromMs / WINDOW_MS) * WINDOW_MS; endMs <= toMs; endMs += WINDOW_MS) {
      echoes.push(this.guard.echoAt(endMs));
    }
    return echoes;
  }

  #frame(played: Uint8Array, said: Uint8Array): void {
    const frame = said.length === FRAME ? said : mulawOf(noise(this.heard.length));
    const samples = decodeMulaw(this.#path?.mix(frame) ?? frame);
    this.#path?.heard(played);
    this.heard.push(...samples);
    this.guard.hear(samples);
  }
}

function levelDb(samples: readonly number[]): number {
  const square = samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length;
  return 10 * Math.log10(square + 1e-9);
}

/** Of a good line, -66 dBFS. */
function noise(seed: number): Int16Array {
  let state = seed + 1;
  return Int16Array.from({ length: FRAME }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 56;
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

describe('the echo guard', () => {
  const agent = mulawOf(speechLike(3, 6000));

  test('passes every sample as it is while nothing of ours is played', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 20 }), (lengths) => {
        const left: number[] = [];
        const guard = new EchoGuard((samples) => left.push(...samples));
        const sound = speechLike(5, 2000);
        let at = 0;
        for (const length of lengths) {
          guard.hear(sound.subarray(at, at + length));
          at += length;
        }
        const whole = Math.floor(Math.min(at, sound.length) / 128) * 128;
        assert.deepEqual(left, [...sound.subarray(0, whole)]);
        assert.equal(guard.echoAt(WINDOW_MS), 0);
      }),
      { numRuns: 30 },
    );
  });

  for (const path of [
    { delayMs: 60, lossDb: 12, kind: 'line' },
    { delayMs: 240, lossDb: 20, kind: 'room' },
    { delayMs: 410, lossDb: 16, kind: 'mobile' },
    { delayMs: 780, lossDb: 24, kind: 'room' },
  ] as const) {
    test(`finds an echo ${path.delayMs} ms late and ${path.lossDb} dB down, and takes it out`, () => {
      const line = new Line(path);
      line.play(agent);
      assert.ok(Math.abs((line.guard.delayMs ?? -1) - path.delayMs) <= 24, `${line.guard.delayMs}`);
      const lossDb = line.lossDb(3000, 6000);
      assert.ok(lossDb >= 8, `expected 8 dB and more to be taken out, got ${lossDb.toFixed(1)}`);
      assert.ok(median(line.echoes(4500, 6000)) > 0.7);
    });
  }

  test('leaves the caller on a line without an echo, after the first second', () => {
    for (const seed of [8, 9, 10, 11]) {
      const line = new Line();
      line.play(agent, mulawOf(3000, speechLike(seed, 3000)));
      const lossDb = line.lossDb(3000, 6000);
      assert.ok(lossDb < 3, `expected at most 3 dB of the caller to be missing, got ${lossDb}`);
      assert.ok(median(line.echoes(3000, 6000)) < 0.3);
    }
  });

  test('leaves the caller who speaks over the echo', () => {
    const line = new Line({ delayMs: 240, lossDb: 20 });
    line.play(agent, mulawOf(4000, speechLike(8, 2000)));
    const lossDb = line.lossDb(4000, 6000);
    assert.ok(lossDb < 2, `expected at most 2 dB of the caller to be missing, got ${lossDb}`);
    assert.ok(median(line.echoes(4500, 6000)) <= TURN_THRESHOLDS.interruption.maxEcho.starting);
  });

  test('knows what is still on its way after a clear, and that nothing comes after it', () => {
    const line = new Line({ delayMs: 480, lossDb: 16 });
    line.play(agent);
    const clearedAtMs = line.ms;
    line.guard.sent(agent.subarray(0, 3200));
    line.guard.cleared();
    line.pause(2000);
    assert.ok(median(line.echoes(clearedAtMs + 100, clearedAtMs + 450)) > 0.7);
    assert.ok(Math.max(...line.echoes(clearedAtMs + 1800, clearedAtMs + 2000)) < 0.1);
  });

  test('knows the echo again after three seconds that the network lost', () => {
    const line = new Line({ delayMs: 240, lossDb: 16 });
    line.play(agent);
    line.lose(mulawOf(speechLike(6, 3000)));
    line.play(mulawOf(speechLike(4, 3000)));
    assert.ok(Math.abs((line.guard.delayMs ?? 0) - 240) <= 24, `${line.guard.delayMs}`);
    const lossDb = line.lossDb(line.ms - 2500, line.ms);
    assert.ok(lossDb >= 8, `expected 8 dB and more to be taken out, got ${lossDb}`);
  });

  test('follows an echo that comes later from some moment on', () => {
    const line = new Line({ delayMs: 120, lossDb: 16 });
    line.play(agent);
    line.changePath({ delayMs: 300, lossDb: 16 });
    line.play(mulawOf(speechLike(4, 5000)));
    assert.ok(Math.abs((line.guard.delayMs ?? 0) - 300) <= 24, `${line.guard.delayMs}`);
    const lossDb = line.lossDb(line.ms - 2000, line.ms);
    assert.ok(lossDb >= 8, `expected 8 dB and more to be taken out, got ${lossDb}`);
  });

  test('has forgotten windows of more than two seconds ago', () => {
    const line = new Line({ delayMs: 120, lossDb: 16 });
    line.play(agent);
    assert.ok(median(line.echoes(4500, 6000)) > 0);
    assert.deepEqual(
      line.echoes(1000, 3000).filter((echo) => echo !== 0),
      [],
    );
    assert.equal(line.guard.echoAt(9_000), 0);
  });
});
