/** A call whose stream broke, here or in a process that is no more: whether it may go on here. */
import type { Calls } from '../calls.ts';
import type { Database } from '../journal/database.ts';
import type { Journal } from '../journal/journal.ts';
import { takeOver } from '../journal/lives.ts';
import type { ServerOptions } from '../server/server-options.ts';
import type { CallGate } from './call-gate.ts';

/** What this process itself was told of the call comes first: afterwards it would be fenced. */
const FLUSH_MS = 500;

export interface TakingOver {
  database: Database;
  journal: Pick<Journal, 'flush'>;
  gate: Pick<CallGate, 'promise'>;
  calls: Pick<Calls, 'draining' | 'full'>;
}

export function takingOver({
  database,
  journal,
  gate,
  calls,
}: TakingOver): ServerOptions['takeOver'] {
  const underWay = new Map<string, ReturnType<ServerOptions['takeOver']>>();
  const take = async (callSid: string) => {
    await journal.flush(FLUSH_MS);
    const taken = await takeOver(database, callSid, Date.now());
    if (typeof taken === 'object') gate.promise(callSid);
    return taken;
  };
  return async (callSid) => {
    // One that drains takes what comes to it, as it may be the only one, until its goodbyes are said.
    if (calls.draining && calls.full) return 'elsewhere';
    // Of a webhook that comes twice at once either answer may be the one that counts: both are for one
    // life, as the later of two would keep the first from writing.
    const known = underWay.get(callSid);
    if (known) return known;
    const taking = take(callSid).finally(() => underWay.delete(callSid));
    underWay.set(callSid, taking);
    return taking;
  };
}
