/** Mu-law that grows frame by frame. */
export class AudioTrack {
  #bytes = new Uint8Array(80_000);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends a frame of `frameBytes`; what `mulaw` lacks of it is `padding`. */
  append(mulaw: Uint8Array, frameBytes: number, padding: number): void {
    if (this.#length + frameBytes > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(mulaw, this.#length);
    this.#bytes.fill(padding, this.#length + mulaw.length, this.#length + frameBytes);
    this.#length += frameBytes;
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
