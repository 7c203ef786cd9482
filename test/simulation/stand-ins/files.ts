/** `node:fs/promises` as the journal uses it, over a disk in memory that outlives the process. */
import { here } from '../current.ts';

class FileError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** The disk of one machine. */
export class SimulatedDisk {
  readonly files = new Map<string, { bytes: Buffer; mtimeMs: number }>();
  isFull = false;

  /** What a process that died has left is seen by the next one under the name of a stranger. */
  bereave(): void {
    const left = [...this.files].filter(([path]) => path.endsWith('.spool'));
    for (const [path, file] of left) {
      this.files.delete(path);
      const orphaned = path.replace(/\.\d+\.([0-9a-f-]{36})\.spool$/, (_, id: string) => {
        return `.${DEAD_PID}.${here().newUuid(id)}.spool`;
      });
      this.files.set(orphaned, file);
    }
  }
}

/** Above any that the kernel gives out. */
const DEAD_PID = 2 ** 22 + 1;

async function time(): Promise<void> {
  await new Promise<void>((resolve) => here().time.toProcess(DISK_MS, resolve));
}

const DISK_MS = 1;

function fileAt(path: string) {
  const file = here().disk.files.get(path);
  if (!file) throw new FileError('ENOENT');
  return file;
}

class Handle {
  readonly #path: string;
  constructor(path: string) {
    this.#path = path;
  }

  async write(bytes: Buffer, from: number, count: number, position: number) {
    await time();
    const { disk } = here();
    const file = fileAt(this.#path);
    if (disk.isFull && position + count > file.bytes.length) throw new FileError('ENOSPC');
    const end = Math.max(file.bytes.length, position + count);
    if (end > file.bytes.length) file.bytes = Buffer.concat([file.bytes], end);
    bytes.copy(file.bytes, position, from, from + count);
    file.mtimeMs = Date.now();
    return { bytesWritten: count };
  }

  async read(into: Buffer, at: number, count: number, position: number) {
    await time();
    const { bytes } = fileAt(this.#path);
    return { bytesRead: bytes.copy(into, at, position, position + count) };
  }

  async stat() {
    return { size: fileAt(this.#path).bytes.length };
  }

  async truncate(size: number) {
    const file = fileAt(this.#path);
    file.bytes = file.bytes.subarray(0, size);
  }

  async datasync() {
    await time();
  }

  async sync() {}
  async close() {}
}

export async function mkdir(): Promise<void> {}

export async function open(path: string, flags = 'r'): Promise<Handle> {
  await time();
  const { disk } = here();
  if (flags.startsWith('wx')) {
    if (disk.isFull) throw new FileError('ENOSPC');
    disk.files.set(path, { bytes: Buffer.alloc(0), mtimeMs: Date.now() });
  }
  // A directory is opened to be synced only.
  return new Handle(path);
}

export async function unlink(path: string): Promise<void> {
  fileAt(path);
  here().disk.files.delete(path);
}

export async function utimes(path: string): Promise<void> {
  fileAt(path).mtimeMs = Date.now();
}

export async function readdir(directory: string): Promise<string[]> {
  await time();
  const prefix = `${directory}/`;
  return [...here().disk.files.keys()]
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length));
}

export async function rename(from: string, to: string): Promise<void> {
  await time();
  const file = fileAt(from);
  here().disk.files.delete(from);
  here().disk.files.set(to, file);
}

export async function stat(path: string) {
  const { bytes, mtimeMs } = fileAt(path);
  return { size: bytes.length, mtimeMs };
}

export async function lstat(path: string) {
  return stat(path);
}

/** There are no recordings. */
export async function opendir(): Promise<never> {
  throw new FileError('ENOENT');
}
