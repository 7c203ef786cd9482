import { type Dialect, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { SessionPool } from './session.ts';
import { SessionDriver } from './session-driver.ts';

export function postgresDialect(sessions: SessionPool): Dialect {
  return {
    createAdapter: () => new UnlockedPostgresAdapter(),
    createDriver: () => new SessionDriver(sessions, 'begin'),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

/**
 * Migrations run in one serialised transaction. A second lock, for the whole session, would be left
 * behind when that transaction fails.
 */
class UnlockedPostgresAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}
