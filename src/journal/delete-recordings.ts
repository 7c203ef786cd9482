import { lstat, opendir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { recordingPath } from './recordings.ts';

/** A recording could not be deleted; `code` is what the file system said. */
export class RecordingsError extends Error {
  override name = 'RecordingsError';
  readonly kind = 'undeletable';
  readonly code: string;

  constructor(code: string) {
    super(`expected to delete recordings, got ${code}`);
    this.code = code;
  }
}

/** Of one run; what is left is for the next one. */
const MAX_DELETED = 10_000;

/**
 * Deletes recordings to which nothing was written since this moment. Other files are left alone.
 * @returns How many were deleted. @throws {RecordingsError}
 */
export async function deleteOldRecordings(directory: string, beforeMs: number): Promise<number> {
  return known(async () => {
    let deleted = 0;
    const entries = await opendir(directory).catch(whenMissing);
    if (!entries) return 0;
    for await (const { name } of entries) {
      if (recordingPath(directory, name.replace(/\.wav$/, '')) !== join(directory, name)) continue;
      if (await isOlder(join(directory, name), beforeMs))
        deleted += await remove(join(directory, name));
      if (deleted >= MAX_DELETED) break;
    }
    return deleted;
  });
}

/** Deletes the recordings of these calls. @returns How many there were. @throws {RecordingsError} */
export async function deleteRecordings(
  directory: string,
  callSids: readonly string[],
): Promise<number> {
  return known(async () => {
    let deleted = 0;
    for (const callSid of callSids) {
      const path = recordingPath(directory, callSid);
      if (path) deleted += await remove(path);
    }
    return deleted;
  });
}

/** 0: it was gone already, as another process may do the same. */
async function remove(path: string): Promise<number> {
  try {
    await unlink(path);
    return 1;
  } catch (error) {
    return whenMissing(error) ?? 0;
  }
}

async function isOlder(path: string, beforeMs: number): Promise<boolean> {
  const found = await lstat(path).catch(whenMissing);
  return Boolean(found?.isFile() && found.mtimeMs < beforeMs);
}

function whenMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

async function known<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new RecordingsError((error as NodeJS.ErrnoException).code ?? 'an unknown error');
  }
}
