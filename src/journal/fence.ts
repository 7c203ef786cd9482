/**
 * A call's life is one media stream in one process; the highest epoch owns the call. An owner that was
 * taken for dead may wake up: what it wants to write is compared with the call's epoch in the same
 * transaction, which holds the call's row, so that nobody takes it over in between.
 */
import type { Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** One life of a call, as whoever writes for it names it. */
export interface CallLife {
  callSid: string;
  epoch: number;
}

/**
 * The present epochs of these calls, which stay so until the transaction ends. A call without a row has
 * none, and nobody can take it over either.
 */
export async function heldEpochs(
  transaction: Transaction<Schema>,
  kind: Database['kind'],
  callSids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (callSids.length === 0) return new Map();
  const rows = transaction
    .selectFrom('calls')
    .select(['call_sid', 'epoch'])
    .where('call_sid', 'in', callSids)
    // In one order, so that two that hold several do not wait for each other.
    .orderBy('call_sid');
  // SQLite has one writer at a time: its transactions hold everything.
  const held = await (kind === 'postgres' ? rows.forNoKeyUpdate() : rows).execute();
  return new Map(held.map(({ call_sid, epoch }) => [call_sid, epoch]));
}

/** Another life owns the call. Asked within the transaction that writes for this one. */
export async function isFenced(
  transaction: Transaction<Schema>,
  kind: Database['kind'],
  { callSid, epoch }: CallLife,
): Promise<boolean> {
  const held = await heldEpochs(transaction, kind, [callSid]);
  return (held.get(callSid) ?? epoch) > epoch;
}
