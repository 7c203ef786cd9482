import type { Logger } from 'pino';
import type { Database } from './database.ts';
import { DatabaseError } from './database.ts';
import { deleteOldRecordings, RecordingsError } from './delete-recordings.ts';
import { type HourlyClock, startHourly } from './hourly.ts';
import { enforceRetention, type RetentionDays } from './retention.ts';

const DAY_MS = 86_400_000;

export interface RecordingsKept {
  directory: string;
  days: number;
}

/** Enforces retention now and every hour after. A failure is logged; the next hour tries again. */
export function startRetention(
  database: Database,
  days: RetentionDays,
  log: Pick<Logger, 'info' | 'warn'>,
  recordings?: RecordingsKept,
): HourlyClock {
  const attempt = async (work: () => Promise<object>) => {
    try {
      const counts = await work();
      if (Object.values(counts).some((count) => count > 0)) log.info(counts, 'retention enforced');
    } catch (error) {
      const isKnown = error instanceof DatabaseError || error instanceof RecordingsError;
      log.warn({ problem: isKnown ? error.kind : 'failed' }, 'retention failed');
    }
  };
  return startHourly(async () => {
    // Each by itself: a database that is down must not keep the sound of calls for longer.
    await attempt(() => enforceRetention(database, days, Date.now()));
    if (recordings) await attempt(() => recordingsRetention(recordings, Date.now()));
  });
}

async function recordingsRetention({ directory, days }: RecordingsKept, nowMs: number) {
  return { recordings: await deleteOldRecordings(directory, nowMs - days * DAY_MS) };
}
