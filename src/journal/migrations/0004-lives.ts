/** A call may outlive its process: which of its lives owns it, and what a next one needs of the last. */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const lives: Migration = {
  async up({ schema }: Kysely<never>): Promise<void> {
    await schema
      .alterTable('calls')
      .addColumn('epoch', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await schema
      .createTable('lives')
      .addColumn('call_sid', 'text', (column) =>
        column.notNull().references('calls.call_sid').onDelete('cascade'),
      )
      .addColumn('epoch', 'integer', (column) => column.notNull())
      .addColumn('began_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('lives_key', ['call_sid', 'epoch'])
      .execute();
    await schema
      .createTable('turn_sounds')
      .addColumn('call_sid', 'text', (column) =>
        column.notNull().references('calls.call_sid').onDelete('cascade'),
      )
      .addColumn('turn', 'integer', (column) => column.notNull())
      .addColumn('epoch', 'integer', (column) => column.notNull())
      .addColumn('mulaw', 'bytea', (column) => column.notNull())
      .addPrimaryKeyConstraint('turn_sounds_key', ['call_sid', 'turn'])
      .execute();
    await schema
      .createTable('desks')
      .addColumn('call_sid', 'text', (column) =>
        column.primaryKey().notNull().references('calls.call_sid').onDelete('cascade'),
      )
      .addColumn('state', 'text', (column) => column.notNull())
      .execute();
  },
};
