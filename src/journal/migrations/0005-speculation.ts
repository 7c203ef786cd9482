/** What became of the answers that were prepared before the caller's turn was over. */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const speculation: Migration = {
  async up({ schema }: Kysely<never>): Promise<void> {
    await schema.alterTable('calls').addColumn('speculation', 'text').execute();
  },
};
