/** The tables as `schema.ts` describes them, for both databases. */
import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const first: Migration = {
  async up(db: Kysely<never>): Promise<void> {
    await createCalls(db);
    await createCallEvents(db);
    await createTurns(db);
    await createReservations(db);
    await createOccupancy(db);
    await createOperations(db);
    await createMessages(db);
  },
};

type Db = Kysely<never>;

const required = (column: ColumnDefinitionBuilder) => column.notNull();
const key = (column: ColumnDefinitionBuilder) => column.primaryKey().notNull();
const count = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(0);

async function createCalls({ schema }: Db): Promise<void> {
  await schema
    .createTable('calls')
    .addColumn('call_sid', 'text', key)
    .addColumn('direction', 'text', required)
    .addColumn('caller_key', 'text')
    .addColumn('caller_last4', 'text')
    .addColumn('started_at', 'bigint', required)
    .addColumn('ended_at', 'bigint')
    .addColumn('duration_ms', 'bigint')
    .addColumn('outcome', 'text')
    .addColumn('outcome_is_own', 'integer', count)
    .addColumn('reason', 'text')
    .addColumn('language', 'text')
    .addColumn('turns', 'integer', count)
    .addColumn('interruptions', 'integer', count)
    .addColumn('reprompts', 'integer', count)
    .addColumn('failures', 'integer', count)
    .addColumn('dead_air_ms', 'bigint')
    .addColumn('latencies', 'text')
    .addColumn('tool_calls', 'text')
    .addColumn('reservation_id', 'text')
    .addColumn('handoff_destination', 'text')
    .addColumn('handoff_status', 'text')
    .addColumn('handoff_brief', 'text')
    .addColumn('voicemail', 'integer', count)
    .addColumn('answered_by', 'text')
    .addColumn('summary', 'text')
    .addColumn('tags', 'text')
    .addColumn('versions', 'text')
    .addCheckConstraint('calls_direction', sql`direction in ('inbound', 'outbound')`)
    .addCheckConstraint('calls_flags', sql`outcome_is_own in (0, 1) and voicemail in (0, 1)`)
    .execute();
  await schema.createIndex('calls_by_start').on('calls').column('started_at').execute();
  await schema.createIndex('calls_by_caller').on('calls').column('caller_key').execute();
}

async function createCallEvents({ schema }: Db): Promise<void> {
  await schema
    .createTable('call_events')
    .addColumn('call_sid', 'text', required)
    .addColumn('seq', 'integer', required)
    .addColumn('at', 'bigint', required)
    .addColumn('type', 'text', required)
    .addColumn('payload', 'text', required)
    .addPrimaryKeyConstraint('call_events_key', ['call_sid', 'seq'])
    .execute();
  // What retention looks for; most rows are over it or have nothing to lose.
  await schema
    .createIndex('call_events_with_payload')
    .on('call_events')
    .column('at')
    .where(sql.ref('payload'), '<>', sql.lit('{}'))
    .execute();
}

async function createTurns({ schema }: Db): Promise<void> {
  await schema
    .createTable('turns')
    .addColumn('call_sid', 'text', required)
    .addColumn('turn', 'integer', required)
    .addColumn('at', 'bigint', required)
    .addColumn('speaker', 'text', required)
    .addColumn('text', 'text')
    .addColumn('language', 'text')
    .addColumn('latencies', 'text')
    .addPrimaryKeyConstraint('turns_key', ['call_sid', 'turn'])
    .addCheckConstraint('turns_speaker', sql`speaker in ('caller', 'agent', 'tool')`)
    .execute();
  await schema
    .createIndex('turns_with_words')
    .on('turns')
    .column('at')
    .where(sql.ref('text'), 'is not', null)
    .execute();
}

async function createReservations({ schema }: Db): Promise<void> {
  await schema
    .createTable('reservations')
    .addColumn('id', 'text', key)
    .addColumn('call_sid', 'text')
    .addColumn('status', 'text', required)
    .addColumn('party_size', 'integer', required)
    .addColumn('date', 'text', required)
    .addColumn('time', 'text', required)
    .addColumn('starts_at', 'bigint', required)
    .addColumn('ends_at', 'bigint', required)
    .addColumn('name', 'text')
    .addColumn('name_key', 'text')
    .addColumn('phone', 'text')
    .addColumn('phone_last4', 'text')
    .addColumn('note', 'text')
    .addColumn('expires_at', 'bigint')
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .addCheckConstraint(
      'reservations_status',
      sql`status in ('held', 'confirmed', 'cancelled', 'expired')`,
    )
    .addCheckConstraint('reservations_party_size', sql`party_size > 0`)
    .addCheckConstraint('reservations_times', sql`ends_at > starts_at`)
    .execute();
  const index = (name: string) => schema.createIndex(name).on('reservations');
  await index('reservations_by_expiry').columns(['status', 'expires_at']).execute();
  await index('reservations_by_guest').columns(['name_key', 'phone_last4']).execute();
  await index('reservations_by_start').column('starts_at').execute();
}

async function createOccupancy({ schema }: Db): Promise<void> {
  await schema
    .createTable('occupancy')
    .addColumn('place', 'text', required)
    .addColumn('slot', 'integer', required)
    .addColumn('reservation_id', 'text', (column) =>
      column.notNull().references('reservations.id').onDelete('cascade'),
    )
    .addPrimaryKeyConstraint('occupancy_key', ['slot', 'place'])
    .execute();
  await schema
    .createIndex('occupancy_by_reservation')
    .on('occupancy')
    .column('reservation_id')
    .execute();
}

async function createOperations({ schema }: Db): Promise<void> {
  await schema
    .createTable('operations')
    .addColumn('key', 'text', key)
    .addColumn('at', 'bigint', required)
    .addColumn('result', 'text', required)
    .execute();
  await schema.createIndex('operations_by_time').on('operations').column('at').execute();
}

async function createMessages({ schema }: Db): Promise<void> {
  await schema
    .createTable('messages')
    .addColumn('id', 'text', key)
    .addColumn('call_sid', 'text')
    .addColumn('created_at', 'bigint', required)
    .addColumn('kind', 'text', required)
    .addColumn('destination', 'text')
    .addColumn('name', 'text')
    .addColumn('phone', 'text')
    .addColumn('text', 'text')
    .addColumn('recording_url', 'text')
    .addColumn('recording_s', 'integer')
    .addCheckConstraint('messages_kind', sql`kind in ('voicemail', 'message')`)
    .execute();
  await schema.createIndex('messages_by_time').on('messages').column('created_at').execute();
}
