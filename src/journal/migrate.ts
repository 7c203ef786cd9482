import { type Migration, Migrator } from 'kysely/migration';
import type { Database } from './database.ts';
import { first } from './migrations/0001-first.ts';
import { cutWords } from './migrations/0002-cut-words.ts';
import { openCalls } from './migrations/0003-open-calls.ts';
import { lives } from './migrations/0004-lives.ts';
import { speculation } from './migrations/0005-speculation.ts';

/** By name, in order; one that has been released is never changed. */
const migrations: Record<string, Migration> = {
  '0001-first': first,
  '0002-cut-words': cutWords,
  '0003-open-calls': openCalls,
  '0004-lives': lives,
  '0005-speculation': speculation,
};

/** In the order in which they are made. */
export const MIGRATION_NAMES: readonly string[] = Object.keys(migrations);

/**
 * Brings the tables up to date, in one transaction: all of it or nothing. Processes that start at the
 * same time wait for one another.
 * @param known the migrations that there are; fewer where a database of an earlier time is wanted
 * @throws {DatabaseError}
 */
export async function migrate(
  database: Pick<Database, 'serially'>,
  known: readonly string[] = MIGRATION_NAMES,
): Promise<void> {
  const made = Object.fromEntries(known.map((name) => [name, migrations[name]!]));
  await database.serially('migrations', async (transaction) => {
    const migrator = new Migrator({
      db: transaction,
      provider: { getMigrations: async () => made },
    });
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  });
}
