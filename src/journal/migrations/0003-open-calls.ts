/** Finds the few calls without an outcome among all others. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const openCalls: Migration = {
  async up({ schema }: Kysely<never>): Promise<void> {
    await schema
      .createIndex('calls_without_outcome')
      .on('calls')
      .column('started_at')
      .where(sql.ref('outcome'), 'is', null)
      .execute();
  },
};
