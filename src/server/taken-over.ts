import type { ServerOptions } from './server-options.ts';

/** The caller hears nothing meanwhile; with a database that answers it takes milliseconds. */
const TAKE_OVER_MS = 1500;

/** Whether another life of this call may begin here. What fails or takes too long is `unknown`. */
export async function takenOver(
  callSid: string,
  { takeOver, log }: Pick<ServerOptions, 'takeOver' | 'log'>,
): ReturnType<ServerOptions['takeOver']> {
  const late = Promise.withResolvers<'unknown'>();
  const timer = setTimeout(() => {
    log.warn({ callSid, waitedMs: TAKE_OVER_MS }, 'call not taken over in time');
    late.resolve('unknown');
  }, TAKE_OVER_MS);
  try {
    return await Promise.race([takeOver(callSid), late.promise]);
  } catch (error) {
    log.error({ callSid, err: error }, 'call not taken over');
    return 'unknown';
  } finally {
    clearTimeout(timer);
  }
}
