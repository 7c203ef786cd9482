import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../journal/database.ts';
import { type DatabaseState, databaseState, timeOfWriting } from '../../journal/database-state.ts';
import { openUnmigrated } from '../../journal/open-database.ts';
import type { Check } from '../check.ts';
import { type Finding, failure, pass, warning } from '../finding.ts';
import { required } from '../usable-settings.ts';

/** A call waits so long for its first row at most, while it rings. */
const SLOW_MS = 250;

export const database: Check = {
  name: 'Database',
  remedy: 'see whether the database runs, and who else holds it',
  run: async ({ settings, env }) => {
    const url = settings.DATABASE_URL;
    // One that is malformed must not make another one take its place.
    if (!url && env.DATABASE_URL?.trim()) required(settings, 'DATABASE_URL');
    const { DATA_DIRECTORY: directory } = required(settings, 'DATA_DIRECTORY');
    if (!url && !existsSync(join(directory, 'calls.sqlite'))) {
      return pass('SQLite, to be made at the first start');
    }
    const opened = await openUnmigrated({ url, directory, poolSize: 1 });
    try {
      return await findingAbout(opened);
    } finally {
      await opened.close();
    }
  },
};

async function findingAbout(opened: Database): Promise<Finding> {
  const name = opened.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL';
  const state = await databaseState(opened);
  if (state.made.length === 0)
    return pass(`${name}, empty: its tables are made at the first start`);
  const other = otherVersion(name, state);
  if (other) return other;
  return speedFinding(name, Math.round(await timeOfWriting(opened)));
}

/** @param ms to write a row and read it back */
export function speedFinding(name: string, ms: number): Finding {
  const found = `${name}, tables up to date, written and read in ${ms} ms`;
  if (ms <= SLOW_MS) return pass(found);
  return warning(`${found}, expected ${SLOW_MS}`, 'see what keeps the database busy');
}

function otherVersion(name: string, { pending, unknown }: DatabaseState): Finding | undefined {
  if (unknown.length > 0) {
    const found = `${name} has the tables of a later version (${unknown.join(', ')})`;
    return failure(found, 'deploy the version that made them, or a later one');
  }
  if (pending.length === 0) return undefined;
  const found = `${name} has the tables of an earlier version, without ${pending.join(', ')}`;
  return warning(found, 'start the server: it brings them up to date');
}
