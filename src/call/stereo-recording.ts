import { BYTES_PER_MS, MULAW_SILENCE } from '../audio/mulaw.ts';
import { ByteQueue } from '../twilio/byte-queue.ts';

/**
 * Both sides of a call on one time axis, in mu-law: the caller left, the agent right as the caller
 * heard it. The caller's frames are the clock, since Twilio sends one every 20 ms, silence too;
 * what was sent of the agent's sound waits here as it waits at Twilio, and plays as that clock goes.
 */
export class StereoRecording {
  /** What Twilio still has to play. */
  readonly #pending = new ByteQueue();

  /** Sound of the agent's went to Twilio. Kept by reference. */
  sent(mulaw: Uint8Array): void {
    this.#pending.push(mulaw);
    const excess = this.#pending.length - PENDING_LIMIT_BYTES;
    if (excess > 0) this.#pending.take(excess);
  }

  /** Twilio was told to drop what it has not played. */
  cleared(): void {
    this.#pending.clear();
  }

  /** The caller's next sound. Returns it with the agent's: twice as many bytes, in turns. */
  heard(mulaw: Uint8Array): Uint8Array {
    const played = this.#pending.take(mulaw.length);
    const both = new Uint8Array(mulaw.length * 2);
    for (let i = 0; i < mulaw.length; i++) {
      both[i * 2] = mulaw[i]!;
      both[i * 2 + 1] = played[i] ?? MULAW_SILENCE;
    }
    return both;
  }
}

/**
 * The pacer sends some 400 ms ahead. More piles up only while no frame of the caller's comes, and then
 * the oldest has long been played.
 */
const PENDING_LIMIT_BYTES = 10_000 * BYTES_PER_MS;
