/**
 * Words that tell where they come from. Each word that the model writes is written once, so a word that
 * is spoken, heard or remembered names its reply; and each millisecond of sound names its word.
 */

/** Begins every word that may not be logged: no word of a language does. */
export const SAID = 'zq';
const DIGITS = 'abcdefghij';
const BYTES_PER_MS = 8;
const TAG = 0xa5;

export interface Reply {
  readonly id: number;
  /** Of the phone; undefined: nobody's, such as a summary. */
  readonly phone: number | undefined;
  readonly askedMs: number;
}

/** Something that a voice speaks: one context, or one sentence of the second voice. */
export interface Utterance {
  readonly id: number;
  readonly words: string[];
  /** Undefined for what is said in every call. */
  reply: Reply | undefined;
}

export class Vocabulary {
  readonly replies: Reply[] = [];
  readonly utterances: Utterance[] = [];
  readonly #wordMs: number;

  constructor(wordMs: number) {
    this.#wordMs = wordMs;
  }

  get wordMs(): number {
    return this.#wordMs;
  }

  newReply(phone: number | undefined, askedMs: number): Reply {
    const reply = { id: this.replies.length, phone, askedMs };
    this.replies.push(reply);
    return reply;
  }

  word(reply: Reply, index: number): string {
    return `${SAID}${letters(reply.id)}x${letters(index)}`;
  }

  /** The reply that a word belongs to; undefined where the model did not write it. */
  replyOf(word: string): Reply | undefined {
    const match = WORD.exec(word);
    return match ? this.replies[numberOf(match[1]!)] : undefined;
  }

  newUtterance(): Utterance {
    const utterance: Utterance = { id: this.utterances.length, words: [], reply: undefined };
    this.utterances.push(utterance);
    return utterance;
  }

  /** Sound of the words that are added to the utterance. */
  speak(utterance: Utterance, words: readonly string[]): Buffer {
    const fromMs = utterance.words.length * this.#wordMs;
    utterance.words.push(...words);
    utterance.reply ??= words.map((word) => this.replyOf(word)).find((reply) => reply);
    return soundOf(utterance.id, fromMs, words.length * this.#wordMs);
  }
}

/** A stretch of one utterance's sound. */
export interface Stretch {
  utterance: number;
  fromMs: number;
  toMs: number;
}

function soundOf(utterance: number, fromMs: number, ms: number): Buffer {
  const blocks = new Uint32Array(ms * 2);
  for (let at = 0; at < ms; at++) {
    blocks[2 * at] = ((TAG << 24) | utterance) >>> 0;
    blocks[2 * at + 1] = fromMs + at;
  }
  return Buffer.from(blocks.buffer);
}

/** What a piece of sound is made of; undefined where it is not whole milliseconds of ours. */
export function stretchesOf(sound: Buffer): Stretch[] | undefined {
  if (sound.length % BYTES_PER_MS !== 0) return undefined;
  const stretches: Stretch[] = [];
  let last: Stretch | undefined;
  for (let at = 0; at < sound.length; at += BYTES_PER_MS) {
    const tag = sound.readUInt32LE(at);
    if (tag >>> 24 !== TAG) return undefined;
    const utterance = tag & 0xffffff;
    const ms = sound.readUInt32LE(at + 4);
    if (last?.utterance === utterance && last.toMs === ms) last.toMs = ms + 1;
    else {
      last = { utterance, fromMs: ms, toMs: ms + 1 };
      stretches.push(last);
    }
  }
  return stretches;
}

const WORD = new RegExp(`${SAID}([${DIGITS}]+)x([${DIGITS}]+)`);

function letters(number: number): string {
  return [...String(number)].map((digit) => DIGITS[Number(digit)]).join('');
}

function numberOf(text: string): number {
  return Number([...text].map((letter) => DIGITS.indexOf(letter)).join(''));
}

/** All words of the model in a text, in order. */
export function saidWords(text: string): string[] {
  return text.match(new RegExp(WORD.source, 'g')) ?? [];
}
