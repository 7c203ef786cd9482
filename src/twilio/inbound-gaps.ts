/**
 * Keeps the caller's audio true to time. Where the telephone network loses packets, Twilio sends
 * nothing and the next timestamp jumps; something like what was lost takes its place. Pure.
 */
import { BYTES_PER_MS, decodeMulaw, encodeMulaw } from '../audio/mulaw.ts';

/** What was lost is filled up to here: beyond it the line was as good as dead. */
export const GAP_LIMIT_MS = 10_000;

export interface InboundSound {
  /** In place of what was lost before the frame; empty where nothing was. */
  filling: Uint8Array;
  /** Timestamp of the filling. */
  fillingFromMs: number;
  /** The frame itself. */
  mulaw: Uint8Array;
}

export class InboundGaps {
  /** The timestamp that the next frame has if nothing is lost. */
  #expectedMs: number | undefined;
  #lastChunk = 0;
  #lastFrame: Uint8Array = NOTHING;

  /**
   * @param chunk Twilio counts them from 1. A frame that came already, or comes after a later one, is
   *   none to hear: timestamps do not tell, as a peer's clock may be set back
   * @returns undefined for a frame that is none to hear
   */
  push(chunk: number, timestampMs: number, mulaw: Uint8Array): InboundSound | undefined {
    if (chunk <= this.#lastChunk) return undefined;
    this.#lastChunk = chunk;
    const frameMs = mulaw.length / BYTES_PER_MS;
    const fillingFromMs = this.#expectedMs ?? timestampMs;
    const gapMs = timestampMs - fillingFromMs;
    // Timestamps vary by some ms around their steps; only most of a missing frame is a gap. What
    // is less adds up, since it is the sum of bytes that is compared with time.
    const fillMs = gapMs >= Math.max(1, frameMs * 0.75) ? Math.min(gapMs, GAP_LIMIT_MS) : 0;
    // Twilio's clock may run slower than the samples (19.97 ms a frame has been seen): follow it
    // back, or a debt would pile up that hides real gaps.
    const follow = gapMs < 0 || gapMs > GAP_LIMIT_MS;
    this.#expectedMs = (follow ? timestampMs : fillingFromMs + fillMs) + frameMs;
    const filling = fillMs > 0 ? fade(this.#lastFrame, fillMs * BYTES_PER_MS) : NOTHING;
    // A copy: the stream reads the next frame into the same bytes.
    if (this.#lastFrame.length !== mulaw.length) this.#lastFrame = new Uint8Array(mulaw.length);
    this.#lastFrame.set(mulaw);
    return { filling, fillingFromMs, mulaw };
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * The last frame again and again, each time quieter, over the noise of a quiet line. Most gaps are of
 * one frame, and a voice rarely ends within it: digital silence would be a click to whoever judges
 * speech or understands it, and would be taken for this line's noise.
 */
function fade(frame: Uint8Array, bytes: number): Uint8Array {
  const last = decodeMulaw(frame);
  const samples = Int16Array.from({ length: bytes }, (_, i) => {
    const gain = FADE[Math.floor(i / last.length)] ?? 0;
    return gain * (last[i % last.length] ?? 0) + COMFORT_NOISE[i % COMFORT_NOISE.length]!;
  });
  return encodeMulaw(samples);
}

const FADE = [1, 0.6, 0.3];
/** White, of -65 dBFS: below what most telephone lines bring. The same for all, so nothing is random. */
const COMFORT_NOISE = whiteNoise(1009, 32);

function whiteNoise(samples: number, peak: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length: samples }, () => {
    // The constants of Numerical Recipes' generator; its upper bits are the good ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state >>> 16) % (2 * peak + 1)) - peak;
  });
}
