/** What a caller can be heard saying, real speech for a real ear; and who it is that says it. */
import { BYTES_PER_MS, MULAW_SILENCE } from '../../src/audio/mulaw.ts';
import { recordLines } from '../../src/demo/recordings.ts';
import { EmbeddedVoice } from '../../src/tts/embedded-voice.ts';
import type { ChatMessage } from '../../src/ultravox/engine-client.ts';

export interface CallerSounds {
  /** A turn. */
  turn: Uint8Array;
  /** So long that a turn is not over when its cap, which is short, is reached. */
  longTurn: Uint8Array;
  /** A turn with a pause in it that does not end it. */
  pausedTurn: Uint8Array;
  /** Over the agent: too short to be meant. */
  interjection: Uint8Array;
  /** Over the agent: for almost two seconds it is not to be known whether it is meant. */
  hesitation: AlignedSound;
  /** Into silence: heard as speech, and too short for a turn. */
  cough: AlignedSound;
}

/** So short that it is judged by how it lies in the windows of the voice activity. */
export interface AlignedSound {
  mulaw: Uint8Array;
  /** Where in a window it has to begin, in ms. */
  offsetMs: number;
}

/** Of the voice activity. */
export const WINDOW_MS = 32;

/** Without a silence of 120 ms inside, which would be a pause. */
const SENTENCE = 'I would like to book a table for tomorrow evening.';

export async function recordSounds(): Promise<CallerSounds> {
  const voice = await EmbeddedVoice.start();
  const recordings = await recordLines(voice, [{ id: 'sentence', says: [SENTENCE] }]);
  await voice.close();
  const { mulaw } = recordings.get('sentence')!;
  const speech = (ms: number, fromMs = 0) =>
    mulaw.subarray(fromMs * BYTES_PER_MS, (fromMs + ms) * BYTES_PER_MS);
  const syllable = Buffer.concat([speech(128), silence(320)]);
  return {
    turn: speech(900),
    // Its end is one of a sentence: it is judged over sooner than one in the midst of a word.
    longTurn: speech(1500, mulaw.length / BYTES_PER_MS - 1500),
    pausedTurn: Buffer.concat([speech(800), silence(340), speech(800)]),
    interjection: speech(250),
    // Found by trying: judged as wanted at these offsets, some ms to both sides of them, and after
    // whatever else these callers say. Few others are.
    hesitation: {
      mulaw: Buffer.concat([syllable, syllable, syllable, syllable]),
      offsetMs: 24,
    },
    cough: { mulaw: speech(64, 1080), offsetMs: 16 },
  };
}

export function silence(ms: number): Uint8Array {
  return new Uint8Array(ms * BYTES_PER_MS).fill(MULAW_SILENCE);
}

/** Nobody hears one: a millisecond of almost nothing, with two values that make up a number. */
const MARK = Uint8Array.of(0x7e, 0xfe, 0x7e, 0xfe, 0xf0, 0xf0, 0x7e, 0xfe);
const MARK_EVERY_MS = 100;
const FIRST_MARK_MS = 80;
const MOST_CALLERS = 256;

/**
 * The same sound, and in it, again and again, the number of the caller.
 * @throws {RangeError} for a number of 256 or more
 */
export function markSound(mulaw: Uint8Array, caller: number): Uint8Array {
  if (caller >= MOST_CALLERS) throw new RangeError(`expected less than 256 callers, got ${caller}`);
  const marked = Uint8Array.from(mulaw);
  const mark = Uint8Array.from(MARK);
  mark[4] = 0xf0 | (caller >> 4);
  mark[5] = 0xf0 | (caller & 15);
  const everyBytes = MARK_EVERY_MS * BYTES_PER_MS;
  for (let at = FIRST_MARK_MS * BYTES_PER_MS; at + 8 <= marked.length; at += everyBytes) {
    marked.set(mark, at);
  }
  return marked;
}

/** The number of the caller whose voice is in a request to the engine; undefined if nobody's is. */
export function callerIn(messages: readonly ChatMessage[]): number | undefined {
  for (const { content } of messages.toReversed()) {
    if (typeof content === 'string') continue;
    for (const part of content) {
      if (part.type !== 'input_audio') continue;
      const caller = callerOf(Buffer.from(part.input_audio.data, 'base64'));
      if (caller !== undefined) return caller;
    }
  }
  return undefined;
}

function callerOf(sound: Buffer): number | undefined {
  const beginning = MARK.subarray(0, 4);
  for (let at = sound.indexOf(beginning); at >= 0; at = sound.indexOf(beginning, at + 1)) {
    const [high = 0, low = 0, ...end] = sound.subarray(at + 4, at + 8);
    const isMark = high >= 0xf0 && low >= 0xf0 && end[0] === MARK[6] && end[1] === MARK[7];
    if (isMark) return ((high & 15) << 4) | (low & 15);
  }
  return undefined;
}
