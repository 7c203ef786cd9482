import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { JournalEntry } from './journal-entry.ts';
import { SpoolFile } from './spool-file.ts';
import { fromSpoolLine, toSpoolLine } from './spool-line.ts';
import type { StampedEntry } from './write-entries.ts';

/** Beyond this share of the limit there is no room for events and sound: what is left is for the records. */
const SPARE_SHARE = 0.9;
const SPARE: ReadonlySet<string> = new Set<JournalEntry['kind']>(['event', 'sound']);
/** A longer entry is refused: it could not be read back in one piece. A minute of sound is 640 kB. */
const LINE_BYTES_MAX = 768 * 1024;
/** What one append carries, and so what one sync waits for. */
const APPEND_BYTES_MAX = 1024 * 1024;
/** A file of another machine or container is left behind when nobody has touched it for so long. */
const ABANDONED_MS = 10 * 60_000;
/** As `ABANDONED_MS`, where the owner had our host name and process id: a container restarted. */
const RESTARTED_MS = 30_000;

const HOST = hostname().replace(/[^A-Za-z0-9.-]/g, '_');
/** Files of this process, by the unique part of their names. */
const ours = new Set<string>();

export interface SpooledBatch {
  entries: StampedEntry[];
  /** Written by this process, not by one that died. */
  own: boolean;
  /** Lines that could not be read. */
  damaged: number;
  file: SpoolFile;
  end: number;
}

/**
 * What the database could not take, in files of this machine: in order, on the disk before it counts,
 * bounded, and taken up by the next process when this one dies. A file belongs to the process that is
 * in its name; another takes it by renaming it, which only one can do.
 */
export class Spool {
  readonly #directory: string;
  readonly #maxBytes: number;
  /** Left by processes that died: older than anything of ours. */
  readonly #claimed: SpoolFile[] = [];
  #own: SpoolFile | undefined;

  /** @param maxBytes Of this process; what others left comes on top of it until it is drained. */
  constructor(directory: string, { maxBytes }: { maxBytes: number }) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  /** Bytes not drained. */
  get bytes(): number {
    return this.#files.reduce((sum, file) => sum + file.remaining, 0);
  }

  /** An append that is under way counts only once it is done. */
  get empty(): boolean {
    return this.bytes === 0;
  }

  /** Takes over what dead processes left. @throws The error of the file system. */
  async claim(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const found: { name: string; mtimeMs: number }[] = [];
    for (const name of await readdir(this.#directory)) {
      const left = await whenAbandoned(join(this.#directory, name), name);
      if (left !== undefined) found.push({ name, mtimeMs: left });
    }
    for (const { name } of found.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) {
      const path = this.#newPath();
      if (await renamed(join(this.#directory, name), path)) {
        const file = await SpoolFile.open(path);
        ours.add(idOf(path));
        this.#claimed.push(file);
        if (file.remaining === 0) await this.#remove(file);
      }
    }
  }

  /**
   * @returns `taken`: so many from the front need not be kept any more: they are on the disk, or there
   * is no place for them ever (`refused` of them). 0 with entries given: it is full.
   * @throws The error of the file system: none was taken.
   */
  async append(entries: readonly StampedEntry[]): Promise<{ taken: number; refused: number }> {
    let used = this.#own?.size ?? 0;
    let text = '';
    let taken = 0;
    let refused = 0;
    for (const entry of entries) {
      const line = toSpoolLine(entry);
      const bytes = Buffer.byteLength(line);
      const isSpare = SPARE.has(entry.entry.kind);
      const fits = used + bytes <= this.#maxBytes * (isSpare ? SPARE_SHARE : 1);
      if (!fits && !isSpare && bytes <= LINE_BYTES_MAX) break;
      taken += 1;
      if (!fits || bytes > LINE_BYTES_MAX) refused += 1;
      else {
        text += line;
        used += bytes;
      }
      if (text.length >= APPEND_BYTES_MAX) break;
    }
    if (text !== '') {
      this.#own ??= await this.#create();
      await this.#own.append(text);
    }
    return { taken, refused };
  }

  /** The oldest entries, at most so many; they stay until `advance`. */
  async next(most: number): Promise<SpooledBatch | undefined> {
    const file = this.#files.find((each) => each.remaining > 0);
    if (!file) return undefined;
    const { lines, end } = await file.read(most);
    const entries = lines.map(fromSpoolLine).filter((entry) => entry !== undefined);
    const damaged = lines.length === 0 ? 1 : lines.length - entries.length;
    return { entries, own: file === this.#own, damaged, file, end };
  }

  /** This batch is done with. A file that is drained is deleted. */
  async advance({ file, end }: SpooledBatch): Promise<void> {
    await file.advance(end);
    if (file.remaining === 0 && !file.appending) await this.#remove(file);
  }

  /** Tells other machines that the files have an owner. To be called more often than they wait. */
  async touch(): Promise<void> {
    for (const file of this.#files) await file.touch();
  }

  /** What is not drained stays for the next process. */
  async close(): Promise<void> {
    for (const file of this.#files) {
      if (file.remaining === 0) await this.#remove(file);
      else {
        this.#forget(file);
        await file.close();
      }
    }
  }

  get #files(): SpoolFile[] {
    return this.#own ? [...this.#claimed, this.#own] : [...this.#claimed];
  }

  async #create(): Promise<SpoolFile> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const file = await SpoolFile.create(this.#newPath());
    ours.add(idOf(file.path));
    return file;
  }

  #newPath(): string {
    return join(this.#directory, `${HOST}.${process.pid}.${crypto.randomUUID()}.spool`);
  }

  async #remove(file: SpoolFile): Promise<void> {
    // First of all: an entry that comes meanwhile must go into another file.
    this.#forget(file);
    await file.remove();
  }

  #forget(file: SpoolFile): void {
    if (file === this.#own) this.#own = undefined;
    else this.#claimed.splice(this.#claimed.indexOf(file), 1);
    ours.delete(idOf(file.path));
  }
}

function ownerOf(path: string): { host: string; pid: number; id: string } | undefined {
  const [, host, pid, id] = /([A-Za-z0-9_.-]+)\.(\d+)\.([0-9a-f-]{36})\.spool$/.exec(path) ?? [];
  return host && pid && id ? { host, pid: Number(pid), id } : undefined;
}

function idOf(path: string): string {
  return ownerOf(path)?.id ?? '';
}

/** When it was last written, if nobody owns it any more. */
async function whenAbandoned(path: string, name: string): Promise<number | undefined> {
  const owner = ownerOf(name);
  if (!owner || ours.has(owner.id)) return undefined;
  const found = await stat(path).catch(() => undefined);
  if (!found) return undefined;
  const silentMs = Date.now() - found.mtimeMs;
  // Another host's process ids mean nothing here, and in containers most have the same one.
  if (owner.host !== HOST) return silentMs > ABANDONED_MS ? found.mtimeMs : undefined;
  if (owner.pid === process.pid) return silentMs > RESTARTED_MS ? found.mtimeMs : undefined;
  return isRunning(owner.pid) ? undefined : found.mtimeMs;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** False: another process was first. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
