/**
 * A voice whose every word can be read from its sound: a tone, at the beginning of which the word's
 * letters stand as bytes. So what a caller heard is known from what was played to them, to the word.
 */
import { BYTES_PER_MS, MULAW_SILENCE } from '../../src/audio/mulaw.ts';
import type { SimulatedSpeech } from '../../src/simulators/cartesia/simulated-speech.ts';
import { FRAME_MS } from '../../src/simulators/twilio/frame-clock.ts';

export interface HeardWord {
  text: string;
  /** Of an answer of the model's, not of a sentence of the house. */
  isReply: boolean;
  /** Position in the call's sound at which it was known. */
  trackMs: number;
}

const MS_PER_CHARACTER = 55;
const CHARACTER_BYTES = MS_PER_CHARACTER * BYTES_PER_MS;
/** A low rectangle that any listener takes for sound. */
const HIGH = 0x2a;
const LOW = 0xaa;
const HALF_PERIOD_BYTES = 20;
/** Such bytes do not follow one another in the tone. */
const MARK = [0x11, 0x95, 0x13, 0x97];
const REPLY = 1;
const HOUSE = 2;
/** Mark, kind, number of letters; the letters, and a sum over them, follow. */
const HEAD_BYTES = MARK.length + 2;

/** @param replies whatever the model says; pieces of them are marked as replies */
export function markedSpeech(replies: readonly string[]): SimulatedSpeech {
  return {
    async *render(text) {
      const piece = text.trim();
      const kind = replies.some((reply) => reply.includes(piece)) ? REPLY : HOUSE;
      const mulaw = new Uint8Array(text.length * CHARACTER_BYTES).fill(MULAW_SILENCE);
      const words = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => {
        mulaw.set(soundOf(word, kind), index * CHARACTER_BYTES);
        const endMs = (index + word.length) * MS_PER_CHARACTER;
        return { text: word, startMs: index * MS_PER_CHARACTER, endMs };
      });
      yield { type: 'words', words };
      yield { type: 'audio', mulaw };
    },
  };
}

function soundOf(word: string, kind: number): Uint8Array {
  const letters = Buffer.from(word, 'latin1');
  const sound = Uint8Array.from({ length: word.length * CHARACTER_BYTES }, (_, at) =>
    Math.floor(at / HALF_PERIOD_BYTES) % 2 === 0 ? HIGH : LOW,
  );
  sound.set([...MARK, kind, letters.length, ...letters, sumOf(letters)]);
  return sound;
}

/** Reads the words of what is played, frame by frame. */
export class HeardWords {
  readonly words: HeardWord[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #frames = 0;

  get trackMs(): number {
    return this.#frames * FRAME_MS;
  }

  /** @param mulaw what was played in the next 20 ms; shorter or empty where there was no sound */
  push(mulaw: Uint8Array): void {
    this.#frames += 1;
    if (mulaw.length === 0) return;
    this.#rest = Buffer.concat([this.#rest, mulaw]);
    for (;;) {
      const at = this.#rest.indexOf(Buffer.from(MARK));
      if (at < 0) break;
      const length = this.#rest[at + HEAD_BYTES - 1] ?? Number.POSITIVE_INFINITY;
      const end = at + HEAD_BYTES + length;
      if (this.#rest.length <= end) break;
      const letters = this.#rest.subarray(at + HEAD_BYTES, end);
      // A word that was cut within its letters was not heard.
      const isWhole = sumOf(letters) === this.#rest[end];
      if (isWhole) this.#add(letters.toString('latin1'), this.#rest[at + MARK.length]);
      this.#rest = this.#rest.subarray(isWhole ? end : at + MARK.length);
    }
    this.#rest = this.#rest.subarray(-LONGEST_HEAD_BYTES);
  }

  #add(text: string, kind: number | undefined): void {
    this.words.push({ text, isReply: kind === REPLY, trackMs: this.trackMs });
  }
}

/** Of the longest word. */
const LONGEST_HEAD_BYTES = 300;

function sumOf(letters: Uint8Array): number {
  return letters.reduce((sum, letter) => (sum * 31 + letter) & 0xff, 7);
}
