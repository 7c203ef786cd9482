/**
 * What we play, on the time axis of what we hear. Sound is sent ahead of the caller's ear, so it waits
 * here as it waits at Twilio, and plays as the caller's frames go by: Twilio sends one every 20 ms,
 * silence too. What remains between the two is the way there and back, which hardly changes.
 */
import { BYTES_PER_MS, decodeMulaw, MULAW_SILENCE } from '../audio/mulaw.ts';

export class EchoReference {
  /** A ring of mu-law that waits to be played. */
  readonly #waiting = new Uint8Array(WAITING_LIMIT_BYTES);
  #first = 0;
  #count = 0;
  #played = new Uint8Array();

  /** It is on its way to the caller. Of more than 2 s the oldest has long been played. */
  sent(mulaw: Uint8Array): void {
    const from = Math.max(0, mulaw.length - WAITING_LIMIT_BYTES);
    const added = mulaw.length - from;
    const excess = this.#count + added - WAITING_LIMIT_BYTES;
    if (excess > 0) this.#drop(excess);
    for (let i = 0; i < added; i++) {
      this.#waiting[(this.#first + this.#count + i) % WAITING_LIMIT_BYTES] = mulaw[from + i]!;
    }
    this.#count += added;
  }

  /** What waits will not be played. */
  cleared(): void {
    this.#count = 0;
  }

  /** So many samples play while nothing is heard. */
  skip(samples: number): void {
    this.#drop(Math.min(samples, this.#count));
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Plays as many samples as `into` holds; silence where nothing waits. */
  play(into: Int16Array): void {
    if (this.#played.length !== into.length) this.#played = new Uint8Array(into.length);
    const count = Math.min(this.#count, into.length);
    for (let i = 0; i < count; i++) {
      this.#played[i] = this.#waiting[(this.#first + i) % WAITING_LIMIT_BYTES]!;
    }
    this.#played.fill(MULAW_SILENCE, count);
    this.#drop(count);
    decodeMulaw(this.#played, into);
  }

  #drop(bytes: number): void {
    this.#first = (this.#first + bytes) % WAITING_LIMIT_BYTES;
    this.#count -= bytes;
  }
}

/** Some 400 ms are sent ahead; more waits only while no frame of the caller's comes. */
const WAITING_LIMIT_BYTES = 2000 * BYTES_PER_MS;
