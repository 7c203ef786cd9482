/**
 * Keeps positions in the caller's audio true to time. Where the telephone network loses packets,
 * Twilio sends nothing and the next timestamp jumps; silence takes the place of what was lost.
 */
import { BYTES_PER_MS } from '../audio/mulaw.ts';

/** Longest gap that is filled: beyond it the line was as good as dead. */
export const GAP_LIMIT_MS = 10_000;

export class AudioGap {
  /** The timestamp that the next frame has if nothing is lost. */
  #expectedMs: number | undefined;

  /**
   * Takes a frame's timestamp and length.
   * @returns the silence that belongs before it: its length in bytes and its timestamp.
   */
  push(timestampMs: number, frameBytes: number): { silenceBytes: number; fromMs: number } {
    const frameMs = frameBytes / BYTES_PER_MS;
    const fromMs = this.#expectedMs ?? timestampMs;
    const gapMs = timestampMs - fromMs;
    // Timestamps vary by some ms around their steps; only most of a missing frame is a gap. What
    // is less adds up, since it is the sum of bytes that is compared with time.
    const silenceMs = gapMs >= Math.max(1, frameMs * 0.75) ? Math.min(gapMs, GAP_LIMIT_MS) : 0;
    // Twilio's clock may run slower than the samples (19.97 ms a frame has been seen): follow it
    // back, or a debt would pile up that hides real gaps.
    const follow = gapMs < 0 || gapMs > GAP_LIMIT_MS;
    this.#expectedMs = (follow ? timestampMs : fromMs + silenceMs) + frameMs;
    return { silenceBytes: silenceMs * BYTES_PER_MS, fromMs };
  }
}
