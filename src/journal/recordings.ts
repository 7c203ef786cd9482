/** The recorded sound of calls: one WAV file a call, on the machine that took it. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';

export interface Recording {
  /** Of the file as it is now: that of a call that goes on grows. */
  bytes: number;
  /**
   * Stereo mu-law at 8 kHz in a WAV file whose lengths are right, whatever its writer left there.
   * @param range Both ends included, as HTTP counts. Default: all of it.
   * @throws {RangeError}
   */
  open(range?: { start: number; end: number }): Readable;
}

/** The directory of recordings within the one that holds all data. */
export function recordingsDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'recordings');
}

/** Undefined: that is no id of a call, and may be anything. */
export function recordingPath(directory: string, callSid: string): string | undefined {
  return CALL_SID.test(callSid) ? join(directory, `${callSid}.wav`) : undefined;
}

/** Undefined: that call was not recorded on this machine, or not any more. */
export async function recordingOf(
  directory: string,
  callSid: string,
): Promise<Recording | undefined> {
  const path = recordingPath(directory, callSid);
  const file = path && (await open(path, 'r').catch(ignoreMissing));
  if (!file) return undefined;
  try {
    const header = await readHeader(file);
    if (!header) return undefined;
    const bytes = await wholeBytes(file);
    header.writeUInt32LE(bytes - 8, RIFF_LENGTH_AT);
    header.writeUInt32LE(bytes - HEADER_BYTES, DATA_LENGTH_AT);
    return { bytes, open: (range) => openRange({ path, header, bytes }, range) };
  } finally {
    await file.close();
  }
}

interface Whole {
  path: string;
  header: Buffer;
  bytes: number;
}

function openRange(whole: Whole, { start, end } = { start: 0, end: whole.bytes - 1 }): Readable {
  if (!(start >= 0 && start <= end && end < whole.bytes)) {
    throw new RangeError(`expected a range within ${whole.bytes} bytes, got ${start} to ${end}`);
  }
  return Readable.from(rangeOf(whole, start, end), { objectMode: false });
}

async function* rangeOf({ path, header }: Whole, start: number, end: number) {
  if (start < HEADER_BYTES) yield header.subarray(start, end + 1);
  if (end >= HEADER_BYTES)
    yield* createReadStream(path, { start: Math.max(start, HEADER_BYTES), end });
}

async function readHeader(file: FileHandle): Promise<Buffer | undefined> {
  const header = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await file.read(header, 0, HEADER_BYTES, 0);
  return bytesRead === HEADER_BYTES ? header : undefined;
}

/** A write that was cut off may have left half of a pair of samples. */
async function wholeBytes(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  return size - ((size - HEADER_BYTES) % PAIR_BYTES);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

const CALL_SID = /^CA[0-9a-fA-F]{32}$/;
/** As they are written here: one "fmt " chunk of 16 bytes, then "data". */
const HEADER_BYTES = 44;
const RIFF_LENGTH_AT = 4;
const DATA_LENGTH_AT = 40;
/** One sample of each side. */
const PAIR_BYTES = 2;
