import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  PACER_DEFAULTS,
  PlaybackError,
  PlaybackPacer,
  type PlaybackStep,
} from '../src/twilio/playback-pacer.ts';

/** A Twilio on a clock of the test's own: plays what it is sent and returns marks. */
class Ear {
  nowMs = 0;
  readonly sent: Array<{ type: string; bytes: number; name: string; atMs: number }> = [];
  readonly heard: number[] = [];
  finished: string | undefined;
  maxLeadMs = 0;
  #runsOutMs = 0;
  #wakeAtMs: number | undefined;
  #marks: Array<{ name: string; dueMs: number }> = [];
  readonly #marksCome: 'afterPlayout' | 'instantly' | 'never';
  readonly #wayMs: number;
  readonly pacer: PlaybackPacer;

  constructor(marksCome: 'afterPlayout' | 'instantly' | 'never' = 'afterPlayout', wayMs = 0) {
    this.#marksCome = marksCome;
    this.#wayMs = wayMs;
    this.pacer = new PlaybackPacer();
  }

  take(step: PlaybackStep): void {
    this.#wakeAtMs = step.wakeAtMs;
    this.finished ??= step.finished;
    for (const message of step.send) {
      const bytes = message.type === 'media' ? message.mulaw.length : 0;
      const name = message.type === 'mark' ? message.name : '';
      this.sent.push({ type: message.type, bytes, name, atMs: this.nowMs });
      if (message.type === 'media') {
        this.#runsOutMs = Math.max(this.nowMs + this.#wayMs, this.#runsOutMs) + bytes / 8;
        this.maxLeadMs = Math.max(this.maxLeadMs, this.#runsOutMs - this.nowMs - this.#wayMs);
      }
      if (message.type === 'clear') this.#runsOutMs = this.nowMs;
      if (message.type === 'mark' && this.#marksCome !== 'never') {
        const early = this.#marksCome === 'instantly';
        const dueMs = early ? this.nowMs : Math.max(this.nowMs, this.#runsOutMs) + this.#wayMs;
        this.#marks.push({ name, dueMs });
      }
    }
  }

  /** Lets time pass to the next thing that happens, at most to `untilMs`. */
  run(untilMs: number): void {
    for (;;) {
      const markMs = this.#marks[0]?.dueMs ?? Number.POSITIVE_INFINITY;
      const nextMs = Math.min(markMs, this.#wakeAtMs ?? Number.POSITIVE_INFINITY);
      if (nextMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, nextMs);
      if (markMs <= this.nowMs) {
        this.take(this.pacer.markEchoed(this.#marks.shift()!.name, this.nowMs));
      } else {
        this.take(this.pacer.wake(this.nowMs));
      }
    }
    this.nowMs = untilMs;
  }

  get mediaBytes(): number {
    return this.sent.reduce((sum, message) => sum + message.bytes, 0);
  }

  /** One whole utterance of `ms`. */
  say(ms: number): void {
    this.take(this.pacer.begin(this.nowMs));
    this.take(this.pacer.push(new Uint8Array(ms * 8), this.nowMs));
    this.take(this.pacer.end(this.nowMs));
  }
}

test('what was written is sent in full, and the generation ends with its last mark', () => {
  const ear = new Ear();
  ear.say(3001);
  ear.run(10_000);
  assert.equal(ear.mediaBytes, 3001 * 8);
  assert.equal(ear.finished, 'echoed');
  assert.equal(ear.pacer.heardMs(ear.nowMs), 3001);
  assert.equal(ear.sent.at(-1)?.name, 'g1:end');
});

test('the first sound goes at once, even when it is less than a message', () => {
  const ear = new Ear();
  ear.take(ear.pacer.begin(0));
  ear.take(ear.pacer.push(new Uint8Array(161), 0));
  assert.deepEqual(
    ear.sent.map(({ type, bytes }) => ({ type, bytes })),
    [{ type: 'media', bytes: 160 }],
  );
});

test('sound is never more than the lead ahead, whatever the pieces it is written in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 0, max: 700 })), {
        minLength: 1,
        maxLength: 30,
      }),
      fc.constantFrom('afterPlayout', 'instantly', 'never'),
      fc.integer({ min: 0, max: 120 }),
      (pieces, marksCome, wayMs) => {
        const ear = new Ear(marksCome, wayMs);
        ear.take(ear.pacer.begin(0));
        let written = 0;
        let heardMs = 0;
        for (const [bytes, gapMs] of pieces) {
          ear.take(ear.pacer.push(new Uint8Array(bytes), ear.nowMs));
          written += bytes;
          ear.run(ear.nowMs + gapMs);
          assert.ok(ear.pacer.heardMs(ear.nowMs) >= heardMs, 'what was heard stays heard');
          heardMs = ear.pacer.heardMs(ear.nowMs);
        }
        ear.take(ear.pacer.end(ear.nowMs));
        ear.run(ear.nowMs + 60_000);
        assert.equal(ear.mediaBytes, written);
        assert.ok(ear.maxLeadMs <= PACER_DEFAULTS.leadMs + 1e-6, `lead ${ear.maxLeadMs}`);
        assert.equal(ear.finished, marksCome === 'never' ? 'overdue' : 'echoed');
        const media = ear.sent.filter((message) => message.type === 'media');
        for (const { bytes } of media.slice(0, -1)) assert.equal(bytes % 160, 0);
        for (const { bytes } of media) assert.ok(bytes <= 800);
      },
    ),
    { numRuns: 200 },
  );
});

test('marks are named by their generation and come about every 200 ms', () => {
  const ear = new Ear();
  ear.say(1000);
  ear.run(5000);
  ear.say(300);
  ear.run(10_000);
  assert.deepEqual(
    ear.sent.filter(({ type }) => type === 'mark').map(({ name }) => name),
    ['g1:200', 'g1:400', 'g1:600', 'g1:800', 'g1:1000', 'g1:end', 'g2:200', 'g2:end'],
  );
});

test('clear stops the sound, keeps what was heard, and its marks mean nothing afterwards', () => {
  const ear = new Ear();
  ear.say(5000);
  ear.run(1000);
  const sentBefore = ear.mediaBytes;
  ear.take(ear.pacer.clear(1000));
  assert.equal(ear.sent.at(-1)?.type, 'clear');
  assert.equal(ear.pacer.heardMs(1000), 1000);
  ear.run(3000);
  assert.equal(ear.mediaBytes, sentBefore, 'nothing of a cleared generation is sent');
  assert.equal(ear.finished, undefined);
  ear.take(ear.pacer.begin(3000));
  ear.take(ear.pacer.push(new Uint8Array(8000), 3000));
  const step = ear.pacer.markEchoed('g1:1200', 3000);
  assert.deepEqual(step.send, []);
  assert.equal(ear.pacer.heardMs(3000), 0);
});

test('marks that come back at once do not count as heard', () => {
  const ear = new Ear('instantly');
  ear.say(350);
  ear.run(100);
  assert.equal(ear.pacer.heardMs(100), 100);
  assert.equal(ear.finished, undefined, 'it still sounds');
  ear.run(350);
  assert.equal(ear.finished, 'echoed');
});

test('a mark that is on its way holds back what counts as heard', () => {
  const ear = new Ear('afterPlayout', 150);
  ear.say(2000);
  ear.run(290);
  assert.equal(ear.pacer.heardMs(290), 200, 'the mark at 200 ms is due at 500');
  ear.run(510);
  assert.equal(ear.pacer.heardMs(510), 400);
});

test('with a peer that never returns a mark the clock is believed and playback still ends', () => {
  const ear = new Ear('never');
  ear.say(4000);
  ear.run(3900);
  assert.ok(ear.pacer.oldestMarkAgeMs(3900) > 3000);
  assert.equal(ear.pacer.heardMs(3900), 3900);
  ear.run(4000 + PACER_DEFAULTS.markMarginMs - 1);
  assert.equal(ear.finished, undefined);
  ear.run(4000 + PACER_DEFAULTS.markMarginMs);
  assert.equal(ear.finished, 'overdue');
});

test('an empty generation ends with its mark', () => {
  const ear = new Ear();
  ear.say(0);
  ear.run(10);
  assert.equal(ear.finished, 'echoed');
});

test('more than the buffer holds, or sound outside of a generation, is refused', () => {
  const pacer = new PlaybackPacer({ bufferMs: 1000 });
  const kind = (expected: string) => (error: unknown) =>
    error instanceof PlaybackError && error.kind === expected;
  assert.throws(() => pacer.push(new Uint8Array(1), 0), kind('ended'));
  pacer.begin(0);
  assert.throws(() => pacer.push(new Uint8Array(8001), 0), kind('full'));
  pacer.end(0);
  assert.throws(() => pacer.push(new Uint8Array(1), 0), kind('ended'));
});
