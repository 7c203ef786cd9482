import { type FileHandle, open, unlink, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Room for the position, written in place: 16 digits and a line end. */
const HEADER_BYTES = 17;
/** What is read at once. Lines are shorter by far: `LINE_BYTES_MAX` of the spool. */
const CHUNK_BYTES = 1024 * 1024;

export interface SpooledLines {
  lines: string[];
  /** Where the next ones begin. */
  end: number;
}

/**
 * Lines in a file that are taken from its front. The first line holds the position up to which they
 * were taken, so that file and position change hands by one rename. One writer, one reader.
 * A process that dies leaves whole lines and at most one torn one at the end.
 */
export class SpoolFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #size: number;
  #position: number;
  #appending = false;
  /** Behind `#size` there may be the rest of a write that failed. */
  #torn = false;

  /** @throws The error of the file system, as all methods do. */
  static async create(path: string): Promise<SpoolFile> {
    const handle = await open(path, 'wx+', 0o600);
    const file = new SpoolFile(path, handle, HEADER_BYTES, HEADER_BYTES);
    try {
      await file.advance(HEADER_BYTES);
      await syncDirectory(dirname(path));
    } catch (error) {
      await handle.close();
      throw error;
    }
    return file;
  }

  /** One that another process left. */
  static async open(path: string): Promise<SpoolFile> {
    const handle = await open(path, 'r+');
    const { size } = await handle.stat();
    const header = Buffer.alloc(HEADER_BYTES);
    await handle.read(header, 0, HEADER_BYTES, 0);
    const digits = /^(\d{16})\n$/.exec(header.toString('latin1'))?.[1];
    const position = digits === undefined ? HEADER_BYTES : Number(digits);
    return new SpoolFile(path, handle, size, Math.min(Math.max(position, HEADER_BYTES), size));
  }

  private constructor(path: string, handle: FileHandle, size: number, position: number) {
    this.path = path;
    this.#handle = handle;
    this.#size = size;
    this.#position = position;
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes that have not been taken. */
  get remaining(): number {
    return this.#size - this.#position;
  }

  get appending(): boolean {
    return this.#appending;
  }

  /** @param text Whole lines. They are on the disk when the promise resolves; else none is there. */
  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    this.#appending = true;
    try {
      if (this.#torn) await this.#handle.truncate(this.#size);
      this.#torn = true;
      for (let written = 0; written < bytes.length; ) {
        const at = this.#size + written;
        const { bytesWritten } = await this.#handle.write(
          bytes,
          written,
          bytes.length - written,
          at,
        );
        written += bytesWritten;
      }
      await this.#handle.datasync();
      this.#size += bytes.length;
      this.#torn = false;
    } finally {
      this.#appending = false;
    }
  }

  /** The next lines, at most so many; they stay until `advance`. */
  async read(most: number): Promise<SpooledLines> {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, this.remaining));
    const { bytesRead } = await this.#handle.read(chunk, 0, chunk.length, this.#position);
    const lines: string[] = [];
    let start = 0;
    while (lines.length < most) {
      const lineEnd = chunk.subarray(0, bytesRead).indexOf('\n', start);
      if (lineEnd === -1) break;
      lines.push(chunk.toString('utf8', start, lineEnd));
      start = lineEnd + 1;
    }
    // Without a single line end it is what a dying process left: nothing will ever complete it.
    return { lines, end: this.#position + (lines.length > 0 ? start : chunk.length) };
  }

  /**
   * Not synced: after a power cut some lines may be taken twice, which their reader must bear anyway
   * when it dies before this call.
   */
  async advance(end: number): Promise<void> {
    const header = Buffer.from(`${String(end).padStart(16, '0')}\n`);
    await this.#handle.write(header, 0, HEADER_BYTES, 0);
    this.#position = end;
  }

  /** Says that its owner lives. */
  async touch(): Promise<void> {
    const now = new Date();
    await utimes(this.path, now, now);
  }

  async remove(): Promise<void> {
    await this.#handle.close();
    await unlink(this.path);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** So that the file's name survives a power cut. Windows cannot and need not do it. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
