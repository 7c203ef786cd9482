import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prosody } from '../src/turns/prosody.ts';
import { RunningQuantile } from '../src/turns/running-quantile.ts';
import { WINDOW_MS } from '../src/turns/window-size.ts';

/** Windows of speech: pitch in Hz and level in dBFS. */
type Sound = [pitchHz: number, levelDb: number];

/** Speaks at this pitch, syllable by syllable. */
function sentence(hz: number, windows: number): Sound[] {
  return Array.from({ length: windows }, (_, i) => [hz + (i % 3), i % 6 === 2 ? -18 : -26]);
}

class Speaker {
  readonly prosody = new Prosody();
  #endMs = 0;

  say(sounds: readonly Sound[]): this {
    for (const [pitchHz, levelDb] of sounds) {
      this.#endMs += WINDOW_MS;
      this.prosody.push({ endMs: this.#endMs, probability: 1, levelDb, pitchHz, echo: 0 });
    }
    return this;
  }

  pause(ms: number): this {
    this.#endMs += ms;
    return this;
  }

  begin(): this {
    this.prosody.begin(this.#endMs);
    return this;
  }
}

test('the end of a sentence is told in semitones from where this voice usually is', () => {
  for (const hz of [90, 180]) {
    const fallen = new Speaker().say(sentence(hz, 60)).say(sentence(hz * 2 ** (-4 / 12), 6));
    const { pitchSt } = fallen.prosody.ending();
    assert.ok(pitchSt !== undefined && Math.abs(pitchSt + 4) < 0.5, `${hz} Hz: ${pitchSt}`);
    const level = new Speaker().say(sentence(hz, 66)).prosody.ending();
    assert.ok(Math.abs(level.pitchSt ?? 9) < 0.5);
  }
});

test('a hiss or a creak that is heard as a pitch an octave away is not the end of the sentence', () => {
  const speaker = new Speaker().say(sentence(110, 60));
  speaker.say([
    [0, -40],
    [390, -40],
    [0, -40],
    [385, -38],
    [383, -38],
  ]);
  const { pitchSt } = speaker.prosody.ending();
  assert.ok(pitchSt !== undefined && Math.abs(pitchSt) < 1, `got ${pitchSt}`);
});

test('a voice without pitch, and one of a few windows, have no melody', () => {
  const whisper = new Speaker().say(Array.from({ length: 40 }, (): Sound => [0, -40]));
  assert.equal(whisper.prosody.ending().pitchSt, undefined);
  assert.equal(new Speaker().say(sentence(120, 3)).prosody.ending().pitchSt, undefined);
  assert.equal(new Prosody().ending().pitchSt, undefined);
});

test('a pitch that is long past is no ending', () => {
  const speaker = new Speaker().say(sentence(120, 40));
  speaker.say(Array.from({ length: 25 }, (): Sound => [0, -30]));
  assert.equal(speaker.prosody.ending().pitchSt, undefined);
});

test('a last syllable that is softer than the others is told in dB', () => {
  const loud = new Speaker().say(sentence(120, 60)).prosody.ending();
  const soft = new Speaker().say(sentence(120, 54)).say([
    [120, -34],
    [120, -30],
    [120, -38],
  ]);
  assert.ok(loud.dropDb < 2, `got ${loud.dropDb}`);
  const { dropDb } = soft.prosody.ending();
  assert.ok(dropDb > 3 && dropDb < 12, `got ${dropDb}`);
});

test('a held sound is told by its length, and speech is none', () => {
  const held = Array.from({ length: 14 }, (): Sound => [118, -24]);
  const speaker = new Speaker().say(sentence(120, 40)).say(held);
  assert.ok(speaker.prosody.ending().heldMs >= 14 * WINDOW_MS);
  assert.ok(new Speaker().say(sentence(120, 40)).prosody.ending().heldMs < 150);
});

test('what was said before a turn is not its end, but tells what is usual', () => {
  const speaker = new Speaker().say(sentence(120, 60)).pause(2000).begin();
  assert.equal(speaker.prosody.ending().pitchSt, undefined);
  speaker.say(sentence(101, 4));
  const { pitchSt, usualPitchMs } = speaker.prosody.ending();
  assert.ok(pitchSt !== undefined && pitchSt < -2.4, `got ${pitchSt}`);
  assert.equal(usualPitchMs, 64 * WINDOW_MS);
});

test('a quantile follows what is seen, and forgets what is long past', () => {
  const quantile = new RunningQuantile(0, 100, 1);
  assert.equal(quantile.at(0.5), undefined);
  for (let i = 0; i < 100; i++) quantile.push(i);
  assert.equal(quantile.at(0.5), 50.5);
  assert.equal(quantile.at(0.75), 75.5);
  assert.equal(quantile.at(1), 99.5);
  for (let i = 0; i < 3000; i++) quantile.push(20);
  assert.equal(quantile.at(0.9), 20.5);
  quantile.push(-5);
  quantile.push(500);
  assert.equal(quantile.at(0), 0.5);
});
