/** The agent's sound that waits to be played, and the marks in it. Pure. */

/** As much as Twilio holds; what comes on top is dropped there, too. */
const LIMIT_BYTES = 600 * 8000;
/** Marks beyond it are taken as reached. */
const MAX_MARKS = 10_000;

export class PlayoutBuffer {
  readonly #pieces: Uint8Array[] = [];
  /** How much of the first piece has been taken. */
  #taken = 0;
  #waiting = 0;
  /** Bytes since the beginning. */
  #written = 0;
  #played = 0;
  #marks: { name: string; offset: number }[] = [];

  /** Bytes that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** @returns false where it is full, and the sound is dropped */
  push(mulaw: Uint8Array): boolean {
    if (this.#waiting + mulaw.length > LIMIT_BYTES) return false;
    this.#pieces.push(mulaw);
    this.#waiting += mulaw.length;
    this.#written += mulaw.length;
    return true;
  }

  /** @returns the marks that are reached at once: this one, where nothing waits before it */
  mark(name: string): string[] {
    if (this.#waiting === 0 || this.#marks.length >= MAX_MARKS) return [name];
    this.#marks.push({ name, offset: this.#written });
    return [];
  }

  /** Drops what waits. @returns all marks in it, in their order: they are echoed all the same */
  clear(): string[] {
    this.#pieces.length = 0;
    this.#taken = 0;
    this.#waiting = 0;
    this.#played = this.#written;
    const names = this.#marks.map(({ name }) => name);
    this.#marks = [];
    return names;
  }

  /** @returns at most so many bytes, and the marks that are reached with the last of them */
  take(count: number): { mulaw: Uint8Array; reached: string[] } {
    const mulaw = new Uint8Array(Math.min(count, this.#waiting));
    for (let filled = 0; filled < mulaw.length; ) {
      const piece = this.#pieces[0]?.subarray(this.#taken) ?? mulaw;
      const part = piece.subarray(0, mulaw.length - filled);
      mulaw.set(part, filled);
      filled += part.length;
      this.#taken += part.length;
      if (part.length === piece.length) {
        this.#pieces.shift();
        this.#taken = 0;
      }
    }
    this.#waiting -= mulaw.length;
    this.#played += mulaw.length;
    return { mulaw, reached: this.#reach() };
  }

  #reach(): string[] {
    const next = this.#marks.findIndex(({ offset }) => offset > this.#played);
    const count = next < 0 ? this.#marks.length : next;
    return this.#marks.splice(0, count).map(({ name }) => name);
  }
}
