/** The buffer of sound that waits at Twilio for the caller's ear, and the marks in it. Pure. */
import { ByteQueue } from '../../twilio/byte-queue.ts';

/** Twilio holds ten minutes and drops what comes on top. */
const BUFFER_LIMIT_BYTES = 600 * 8000;

export type MarkBehaviour =
  /** As Twilio does. */
  | 'afterPlayout'
  /** As some stand-ins for Twilio do: a server must survive it. */
  | 'never'
  | 'instant';

export class Playout {
  readonly #queue = new ByteQueue();
  readonly #markBehaviour: MarkBehaviour;
  #marks: Array<{ name: string; offset: number }> = [];
  #written = 0;
  #played = 0;

  constructor(markBehaviour: MarkBehaviour = 'afterPlayout') {
    this.#markBehaviour = markBehaviour;
  }

  /** Bytes that wait. */
  get buffered(): number {
    return this.#queue.length;
  }

  get pendingMarks(): number {
    return this.#marks.length;
  }

  /** False if the sound is dropped because the buffer is full. */
  push(mulaw: Uint8Array): boolean {
    if (this.#queue.length + mulaw.length > BUFFER_LIMIT_BYTES) return false;
    this.#queue.push(mulaw);
    this.#written += mulaw.length;
    return true;
  }

  /** Returns the marks to echo at once: this one, if nothing is left to be played before it. */
  mark(name: string): string[] {
    if (this.#markBehaviour === 'never') return [];
    if (this.#markBehaviour === 'instant' || this.#queue.length === 0) return [name];
    this.#marks.push({ name, offset: this.#written });
    return [];
  }

  /** Drops what waits. Returns all pending marks, which are echoed although nobody heard them. */
  clear(): string[] {
    this.#queue.clear();
    this.#written = this.#played;
    const names = this.#marks.map((mark) => mark.name);
    this.#marks = [];
    return names;
  }

  /** Plays up to `count` bytes; returns them and the marks that they reach. */
  play(count: number): { mulaw: Uint8Array; echoes: string[] } {
    const mulaw = this.#queue.take(Math.min(count, this.#queue.length));
    this.#played += mulaw.length;
    const echoes: string[] = [];
    while (this.#marks[0] && this.#marks[0].offset <= this.#played) {
      echoes.push(this.#marks.shift()!.name);
    }
    return { mulaw, echoes };
  }
}
