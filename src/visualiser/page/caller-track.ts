/** What the caller said in one call, as it was sent: kept here until it is downloaded. Pure. */
import { SAMPLE_RATE_HZ } from '../../audio/mulaw.ts';

/** The longest call there is; what comes later is not kept. */
const LONGEST_BYTES = 30 * 60 * SAMPLE_RATE_HZ;
const PIECE_BYTES = 10 * SAMPLE_RATE_HZ;
const HEADER_BYTES = 44;
/** Of a WAV file's encodings. */
const MULAW = 7;

export class CallerTrack {
  readonly #pieces: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;

  get durationMs(): number {
    return (this.#bytes * 1000) / SAMPLE_RATE_HZ;
  }

  push(mulaw: Uint8Array): void {
    if (this.#bytes + mulaw.length > LONGEST_BYTES) return;
    let rest = mulaw;
    while (rest.length > 0) {
      const at = this.#bytes % PIECE_BYTES;
      if (at === 0) this.#pieces.push(new Uint8Array(PIECE_BYTES));
      const part = rest.subarray(0, PIECE_BYTES - at);
      this.#pieces.at(-1)?.set(part, at);
      this.#bytes += part.length;
      rest = rest.subarray(part.length);
    }
  }

  /** A mono mu-law file around the very bytes that were sent. */
  wav(): Blob {
    const sound = this.#pieces.map((piece, index) => {
      return piece.subarray(0, Math.min(PIECE_BYTES, this.#bytes - index * PIECE_BYTES));
    });
    return new Blob([header(this.#bytes), ...sound], { type: 'audio/wav' });
  }
}

function header(dataBytes: number): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(HEADER_BYTES);
  const view = new DataView(file.buffer);
  const write = (at: number, text: string) => file.set(new TextEncoder().encode(text), at);
  write(0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  write(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, MULAW, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, SAMPLE_RATE_HZ, true);
  view.setUint32(28, SAMPLE_RATE_HZ, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  write(36, 'data');
  view.setUint32(40, dataBytes, true);
  return file;
}
