import { readdir, rename } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** No process has it: the largest on Linux is 4,194,304. */
export const DEAD_PID = 99_999_999;

/** As if the process that wrote these files had died: they get the name of one that is no more. */
export async function abandonSpool(
  directory: string,
  owner = `${hostname()}.${DEAD_PID}`,
): Promise<void> {
  for (const name of await readdir(directory)) {
    const id = /[0-9a-f-]{36}\.spool$/.exec(name)?.[0];
    await rename(join(directory, name), join(directory, `${owner}.${id}`));
  }
}
