import type { Logger } from 'pino';
import type { Database } from './database.ts';
import { DatabaseError } from './database.ts';
import { deleteOldRecordings, RecordingsError } from './delete-recordings.ts';
import { enforceRetention, type RetentionDays } from './retention.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Ends a run that is under way after its current statement's answer, and starts no other. */
export interface RetentionClock {
  stop(): Promise<void>;
}

export interface RecordingsKept {
  directory: string;
  days: number;
}

/**
 * Enforces retention now and every hour after. A failure is logged; the next hour tries again. It keeps
 * no process alive.
 */
export function startRetention(
  database: Database,
  days: RetentionDays,
  log: Pick<Logger, 'info' | 'warn'>,
  recordings?: RecordingsKept,
): RetentionClock {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (work: () => Promise<object>) => {
    try {
      const counts = await work();
      if (Object.values(counts).some((count) => count > 0)) log.info(counts, 'retention enforced');
    } catch (error) {
      const isKnown = error instanceof DatabaseError || error instanceof RecordingsError;
      log.warn({ problem: isKnown ? error.kind : 'failed' }, 'retention failed');
    }
  };
  const run = async () => {
    // Each by itself: a database that is down must not keep the sound of calls for longer.
    await attempt(() => enforceRetention(database, days, Date.now()));
    if (recordings) await attempt(() => recordingsRetention(recordings, Date.now()));
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

async function recordingsRetention({ directory, days }: RecordingsKept, nowMs: number) {
  return { recordings: await deleteOldRecordings(directory, nowMs - days * DAY_MS) };
}
