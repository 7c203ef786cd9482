/** First in, first out bytes, kept as the pieces that they came in. */
export class ByteQueue {
  #pieces: Uint8Array[] = [];
  /** Bytes of the first piece that are taken already. */
  #taken = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Keeps a reference: the caller must not write into `bytes` afterwards. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  /** Up to `count` bytes from the front. */
  take(count: number): Uint8Array {
    const first = this.#pieces[0];
    if (first && first.length - this.#taken >= count) return this.#takeOf(first, count);
    const bytes = new Uint8Array(Math.min(count, this.#length));
    for (let at = 0; at < bytes.length; ) {
      const piece = this.#pieces[0]!;
      const part = this.#takeOf(piece, Math.min(bytes.length - at, piece.length - this.#taken));
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  clear(): void {
    this.#pieces = [];
    this.#taken = 0;
    this.#length = 0;
  }

  #takeOf(piece: Uint8Array, count: number): Uint8Array {
    const part = piece.subarray(this.#taken, this.#taken + count);
    this.#taken += count;
    this.#length -= count;
    if (this.#taken === piece.length) {
      this.#pieces.shift();
      this.#taken = 0;
    }
    return part;
  }
}
