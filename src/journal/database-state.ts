/** How a database stands, whatever version of the program has made it: looked at, never migrated. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { DEFAULT_MIGRATION_TABLE } from 'kysely/migration';
import type { Database } from './database.ts';
import { MIGRATION_NAMES } from './migrate.ts';

export interface DatabaseState {
  /** Migrations that have been made. */
  made: readonly string[];
  /** Migrations of this version that have not. */
  pending: readonly string[];
  /** Migrations that have been made by a later version. */
  unknown: readonly string[];
}

/** @throws {DatabaseError} */
export async function databaseState({ db }: Pick<Database, 'db'>): Promise<DatabaseState> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const made = tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)
    ? await migrationsMade(db)
    : [];
  return {
    made,
    pending: MIGRATION_NAMES.filter((name) => !made.includes(name)),
    unknown: made.filter((name) => !MIGRATION_NAMES.includes(name)),
  };
}

async function migrationsMade(db: Database['db']): Promise<string[]> {
  const table = sql.table(DEFAULT_MIGRATION_TABLE);
  const { rows } = await sql<{ name: string }>`select name from ${table} order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/**
 * Writes a row, reads it and deletes it, in one transaction: nobody else ever sees it.
 * @returns how long that took, ms
 * @throws {DatabaseError}
 */
export async function timeOfWriting(database: Pick<Database, 'serially'>): Promise<number> {
  const startMs = performance.now();
  const key = `probe:${randomUUID()}`;
  await database.serially('probe', async (transaction) => {
    await transaction
      .insertInto('operations')
      .values({ key, at: Date.now(), result: '{}' })
      .execute();
    await transaction
      .selectFrom('operations')
      .where('key', '=', key)
      .select('at')
      .executeTakeFirstOrThrow();
    await transaction.deleteFrom('operations').where('key', '=', key).execute();
  });
  return performance.now() - startMs;
}
