/**
 * A stream's token is good once, in whichever process: each remembers those that were redeemed in it,
 * and where several share a database, the first to write a token's nonce there has it.
 */
import type { Logger } from 'pino';
import { type Database, DatabaseError } from '../journal/database.ts';
import type { StreamStart } from '../twilio/media-stream.ts';
import { streamTokenNonce } from '../twilio/stream-token.ts';

/** The caller hears nothing meanwhile. A database that is slow or down keeps nobody from calling. */
const CLAIM_MS = 500;

/**
 * Undefined where there is one process: there memory is enough. The claim resolves false only when
 * another process has the token; it never rejects.
 */
export function streamClaims(
  database: Database,
  log: Pick<Logger, 'warn'>,
): ((start: StreamStart) => Promise<boolean>) | undefined {
  if (database.kind === 'sqlite') return undefined;
  return async ({ customParameters }) => {
    const token = customParameters.get('token') ?? '';
    const late = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => late.resolve('late'), CLAIM_MS);
    const claimed = await Promise.race([claim(token, database), late.promise]);
    clearTimeout(timer);
    if (claimed === 'late' || claimed === 'failed') log.warn({ claimed }, 'stream not claimed');
    return claimed !== false;
  };
}

/** From ringing on, a caller waits: longer than this, and words of somebody else are better. */
const READY_MS = 10_000;

/** A call may come before what callers hear is there, where nobody asks `/ready`: its stream waits. */
export function claimWhenReady(
  { ready }: { ready: Promise<unknown> },
  claims: ReturnType<typeof streamClaims>,
): (start: StreamStart) => Promise<boolean> {
  const isReady = ready.then(
    () => true,
    () => false,
  );
  return async (start) => {
    const late = Promise.withResolvers<false>();
    const timer = setTimeout(() => late.resolve(false), READY_MS);
    const inTime = await Promise.race([isReady, late.promise]);
    clearTimeout(timer);
    return inTime && ((await claims?.(start)) ?? true);
  };
}

/** Among the operations that are done once: they are forgotten after two days. */
async function claim(token: string, { db }: Database): Promise<boolean | 'failed'> {
  const key = `stream ${streamTokenNonce(token)}`;
  try {
    await db.insertInto('operations').values({ key, at: Date.now(), result: '{}' }).execute();
    return true;
  } catch (error) {
    return error instanceof DatabaseError && error.isDuplicate ? false : 'failed';
  }
}
