import type { CallRow, ReservationRow } from '../journal/schema.ts';
import type { Stage } from '../stage.ts';

/** What the database knows of the demonstration's call once all is written down. */
export interface WrittenDown {
  call: CallRow | undefined;
  reservations: readonly ReservationRow[];
}

const WRITTEN_MS = 5000;

export async function writtenDown({ orchestrator }: Stage, callSid: string): Promise<WrittenDown> {
  const { database, journal } = orchestrator.records;
  await orchestrator.calls.settled();
  await journal.flush(WRITTEN_MS);
  const { db } = database;
  const call = await db
    .selectFrom('calls')
    .selectAll()
    .where('call_sid', '=', callSid)
    .executeTakeFirst();
  const reservations = await db
    .selectFrom('reservations')
    .selectAll()
    .orderBy('created_at')
    .execute();
  return { call, reservations };
}
