import type { Logger } from 'pino';
import type { Database } from './database.ts';
import { DatabaseError } from './database.ts';
import { enforceRetention, type RetentionDays } from './retention.ts';

const HOUR_MS = 3_600_000;

/** Ends a run that is under way after its current statement's answer, and starts no other. */
export interface RetentionClock {
  stop(): Promise<void>;
}

/**
 * Enforces retention now and every hour after. A failure is logged; the next hour tries again. It keeps
 * no process alive.
 */
export function startRetention(
  database: Database,
  days: RetentionDays,
  log: Pick<Logger, 'info' | 'warn'>,
): RetentionClock {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const run = async () => {
    try {
      const counts = await enforceRetention(database, days, Date.now());
      if (Object.values(counts).some((count) => count > 0)) log.info(counts, 'retention enforced');
    } catch (error) {
      const problem = error instanceof DatabaseError ? error.kind : 'failed';
      log.warn({ problem }, 'retention failed');
    }
    if (!stopped) schedule();
  };
  let running = run();
  const schedule = () => {
    timer = setTimeout(() => {
      running = run();
    }, HOUR_MS);
    timer.unref();
  };
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
