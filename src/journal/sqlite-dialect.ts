import {
  type CreateTableNode,
  type DataTypeNode,
  type Dialect,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SessionPool } from './session.ts';
import { SessionDriver } from './session-driver.ts';

/** A transaction takes the write lock at once: one that reads first could not be sure to get it. */
export function sqliteDialect(sessions: SessionPool): Dialect {
  return {
    createAdapter: () => new QueueingSqliteAdapter(),
    createDriver: () => new SessionDriver(sessions, 'begin immediate'),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new StrictSqliteCompiler(),
  };
}

class QueueingSqliteAdapter extends SqliteAdapter {
  /** The sessions queue by themselves; Kysely's own queue would wait without a bound. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }

  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * Makes every table strict, so that SQLite refuses what PostgreSQL would: it keeps a text in an integer
 * column otherwise. A strict table knows neither `bigint` (its integers have 64 bits) nor `varchar` nor `bytea`.
 */
class StrictSqliteCompiler extends SqliteQueryCompiler {
  protected override visitCreateTable(node: CreateTableNode): void {
    super.visitCreateTable(node);
    this.append(' strict');
  }

  protected override visitDataType({ dataType }: DataTypeNode): void {
    if (dataType === 'bigint') this.append('integer');
    else if (dataType === 'bytea') this.append('blob');
    else this.append(dataType.startsWith('varchar') ? 'text' : dataType);
  }
}
