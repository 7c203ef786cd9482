import { Readable } from 'node:stream';
import { decodeMulaw } from '../audio/mulaw.ts';
import { linearHeader } from '../audio/wav.ts';
import type { Recording } from '../journal/recordings.ts';

/** Of both files: one "fmt " chunk of 16 bytes, then "data". */
const HEADER_BYTES = 44;
const CHANNELS = 2;
const SAMPLE_BYTES = 2;

/** A recording in mu-law as one of 16-bit samples, which every player knows. */
export function linearRecording(mulaw: Recording): Recording {
  const samples = mulaw.bytes - HEADER_BYTES;
  const bytes = HEADER_BYTES + samples * SAMPLE_BYTES;
  return {
    bytes,
    open: (range = { start: 0, end: bytes - 1 }) => {
      if (!(range.start >= 0 && range.start <= range.end && range.end < bytes)) {
        throw new RangeError(
          `expected a range within ${bytes} bytes, got ${range.start} to ${range.end}`,
        );
      }
      return Readable.from(rangeOf(mulaw, samples, range), { objectMode: false });
    },
  };
}

async function* rangeOf(
  mulaw: Recording,
  samples: number,
  { start, end }: { start: number; end: number },
): AsyncGenerator<Uint8Array> {
  const header = linearHeader(CHANNELS, samples * SAMPLE_BYTES);
  if (start < HEADER_BYTES) yield header.subarray(start, end + 1);
  if (end < HEADER_BYTES) return;
  const first = Math.max(0, start - HEADER_BYTES);
  const last = end - HEADER_BYTES;
  const sampleAt = (position: number) => HEADER_BYTES + Math.floor(position / SAMPLE_BYTES);
  // A range may begin and end within a sample.
  let skip = first % SAMPLE_BYTES;
  let left = last - first + 1;
  for await (const chunk of mulaw.open({ start: sampleAt(first), end: sampleAt(last) })) {
    const linear = littleEndian(decodeMulaw(chunk as Buffer));
    const part = linear.subarray(skip, skip + left);
    skip = 0;
    left -= part.length;
    yield part;
  }
}

function littleEndian(samples: Int16Array): Buffer {
  const bytes = Buffer.alloc(samples.length * SAMPLE_BYTES);
  for (let i = 0; i < samples.length; i++) bytes.writeInt16LE(samples[i]!, i * SAMPLE_BYTES);
  return bytes;
}
