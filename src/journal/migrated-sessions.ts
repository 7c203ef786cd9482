import { migrate } from './migrate.ts';
import type { Session, SessionPool } from './session.ts';

/**
 * Connections to a database whose tables are up to date. While they are not, because it could not be
 * reached until now, whoever comes first brings them there.
 */
export class MigratedSessions implements SessionPool {
  readonly #sessions: SessionPool;
  readonly #migrate: () => Promise<void>;
  #migrated: Promise<void> | undefined;

  /** @param database over `sessions`, without this gate */
  constructor(sessions: SessionPool, database: Parameters<typeof migrate>[0]) {
    this.#sessions = sessions;
    this.#migrate = () => migrate(database);
  }

  /** @throws {DatabaseError} */
  async acquire(): Promise<Session> {
    await this.migrated();
    return this.#sessions.acquire();
  }

  /** @throws {DatabaseError}; the next one to ask tries again */
  migrated(): Promise<void> {
    this.#migrated ??= this.#migrate().catch((error) => {
      this.#migrated = undefined;
      throw error;
    });
    return this.#migrated;
  }

  close(): Promise<void> {
    return this.#sessions.close();
  }
}
