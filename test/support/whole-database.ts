import type { Database } from '../../src/journal/database.ts';

const TABLES = [
  'calls',
  'call_events',
  'turns',
  'messages',
  'reservations',
  'occupancy',
  'operations',
  'lives',
  'turn_sounds',
  'desks',
] as const;

/** All that is in its tables, as text to be searched. */
export async function wholeDatabase({ db }: Database): Promise<string> {
  const tables = [];
  for (const table of TABLES) tables.push(await db.selectFrom(table).selectAll().execute());
  return JSON.stringify(tables);
}
