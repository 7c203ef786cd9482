/** Beside what the caller heard of an agent's turn: the rest, which was cut. */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const cutWords: Migration = {
  async up({ schema }: Kysely<never>): Promise<void> {
    await schema.alterTable('turns').addColumn('cut', 'text').execute();
  },
};
