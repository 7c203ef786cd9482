/** WAV files: what the engine is sent, what a person records, what the demo leaves behind. */
import { SAMPLE_RATE_HZ } from './mulaw.ts';
import { READABLE_ENCODINGS, samplesReader, WAV_MULAW, WAV_PCM } from './wav-samples.ts';

export interface Wav {
  sampleRateHz: number;
  channels: number;
  /** 16-bit samples, the channels interleaved. */
  samples: Int16Array;
}

/** The bytes are not a WAV file that we can read; the message says what was expected and what came. */
export class WavError extends Error {
  override name = 'WavError';
}

/** Reads WAV files of PCM, float, A-law and mu-law. @throws {WavError} */
export function readWav(bytes: Uint8Array): Wav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || tag(bytes, 0) !== 'RIFF' || tag(bytes, 8) !== 'WAVE') {
    throw new WavError(`expected a RIFF/WAVE file, got ${describeStart(bytes)}`);
  }
  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = tag(bytes, at);
    const length = view.getUint32(at + 4, true);
    if (name === 'fmt ') format = readFormat(view, at + 8, length);
    if (name === 'data') {
      if (!format) throw new WavError('expected a "fmt " chunk before "data", found none');
      // A streaming writer leaves 0xFFFFFFFF or 0 as the length: then the data run to the end.
      const end = Math.min(bytes.length, at + 8 + (length === 0 ? bytes.length : length));
      const { channels, sampleRateHz, read } = format;
      return { channels, sampleRateHz, samples: read(bytes.subarray(at + 8, end)) };
    }
    at += 8 + length + (length & 1);
  }
  throw new WavError('expected a "data" chunk, found none');
}

/** A 16-bit PCM WAV file. */
export function writeWav(wav: Wav): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(wav.samples.length * 2);
  const view = new DataView(data.buffer);
  for (let i = 0; i < wav.samples.length; i++) view.setInt16(i * 2, wav.samples[i]!, true);
  return joined(header(wav.channels, wav.sampleRateHz, 2, WAV_PCM, data.length), data);
}

/** A mono 8 kHz mu-law WAV file around the telephone's own bytes: nothing is converted. */
export function mulawWav(mulaw: Uint8Array): Uint8Array<ArrayBuffer> {
  return joined(mulawHeader(1, mulaw.length), mulaw);
}

/**
 * What comes before 8 kHz mu-law in a file that is written piece by piece. With a length of 0, the
 * sound runs to the end of the file.
 */
export function mulawHeader(channels: number, dataBytes: number): Uint8Array<ArrayBuffer> {
  return header(channels, SAMPLE_RATE_HZ, 1, WAV_MULAW, dataBytes);
}

/** The same before 16-bit samples at 8 kHz. */
export function linearHeader(channels: number, dataBytes: number): Uint8Array<ArrayBuffer> {
  return header(channels, SAMPLE_RATE_HZ, 2, WAV_PCM, dataBytes);
}

interface Format {
  channels: number;
  sampleRateHz: number;
  read(data: Uint8Array): Int16Array;
}

const HEADER_BYTES = 44;
const ENCODING_EXTENSIBLE = 0xfffe;

function readFormat(view: DataView, at: number, length: number): Format {
  if (length < 16 || at + length > view.byteLength) {
    throw new WavError(`expected a "fmt " chunk of 16 bytes or more, got ${length}`);
  }
  let encoding = view.getUint16(at, true);
  // The extensible form keeps the true encoding in the first two bytes of its sub-format id.
  if (encoding === ENCODING_EXTENSIBLE && length >= 26) encoding = view.getUint16(at + 24, true);
  const channels = view.getUint16(at + 2, true);
  const sampleRateHz = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  const read = samplesReader(encoding, bits);
  if (!read || channels < 1 || sampleRateHz < 1) {
    throw new WavError(
      `expected ${READABLE_ENCODINGS}, got encoding ${encoding} with ${bits} bits, ` +
        `${channels} channels at ${sampleRateHz} Hz`,
    );
  }
  return { channels, sampleRateHz, read };
}

function header(
  channels: number,
  rateHz: number,
  sampleBytes: number,
  encoding: number,
  dataBytes: number,
): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(HEADER_BYTES);
  const view = new DataView(file.buffer);
  const write = (at: number, text: string) => file.set(Buffer.from(text, 'latin1'), at);
  write(0, 'RIFF');
  view.setUint32(4, 36 + dataBytes, true);
  write(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, encoding, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * channels * sampleBytes, true);
  view.setUint16(32, channels * sampleBytes, true);
  view.setUint16(34, sampleBytes * 8, true);
  write(36, 'data');
  view.setUint32(40, dataBytes, true);
  return file;
}

function joined(head: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(head.length + data.length);
  file.set(head);
  file.set(data, head.length);
  return file;
}

function tag(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
}

function describeStart(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  return `${bytes.length} bytes starting ${Buffer.from(bytes.subarray(0, 4)).toString('hex')}`;
}
