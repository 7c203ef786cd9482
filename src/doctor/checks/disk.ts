import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Check } from '../check.ts';
import { type Finding, failure, pass, warning } from '../finding.ts';
import { required } from '../usable-settings.ts';

const MIB = 1024 * 1024;
/** A recorded call of an hour is 55 MiB; the journal's spool and the database take less. */
const LOW_MIB = 1024;
const FULL_MIB = 100;

/** Where the embedded database, the spool and recordings go. */
export const disk: Check = {
  name: 'Disk',
  remedy: 'see whether the disk of DATA_DIRECTORY answers',
  run: async ({ settings }) => {
    const { DATA_DIRECTORY } = required(settings, 'DATA_DIRECTORY');
    const directory = nearestDirectory(resolve(DATA_DIRECTORY));
    const problem = await writeProblem(directory);
    if (problem) {
      const next = 'let the server write to DATA_DIRECTORY, or name another directory';
      return failure(`DATA_DIRECTORY cannot be written to: ${problem}`, next);
    }
    const { bavail, bsize } = await statfs(directory);
    return spaceFinding((bavail * bsize) / MIB);
  },
};

/** @param freeMib what whoever is not root may still write */
export function spaceFinding(freeMib: number): Finding {
  const found = `${Math.floor(freeMib)} MiB are free`;
  const next = 'make room, or name a larger disk in DATA_DIRECTORY';
  if (freeMib < FULL_MIB) return failure(`${found}, expected ${FULL_MIB} at least`, next);
  if (freeMib < LOW_MIB) return warning(`${found}, ${LOW_MIB} would be better`, next);
  return pass(`writable, ${found}`);
}

/** The server makes what is missing of the path. */
function nearestDirectory(path: string): string {
  return existsSync(path) ? path : nearestDirectory(dirname(path));
}

/** The system's word for it, such as EACCES; undefined: it can be written to. */
async function writeProblem(directory: string): Promise<string | undefined> {
  const file = join(directory, `.doctor-${randomUUID()}`);
  try {
    if (!(await stat(directory)).isDirectory()) return 'ENOTDIR';
    await writeFile(file, 'written by npm run doctor, and may be deleted');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}
