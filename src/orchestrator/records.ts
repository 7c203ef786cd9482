/** Where calls and bookings are kept: the database, the journal in front of it, and its retention. */
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Database } from '../journal/database.ts';
import { Journal } from '../journal/journal.ts';
import { startClosingLostCalls } from '../journal/lost-calls.ts';
import { openDatabase } from '../journal/open-database.ts';
import { recordingsDirectory } from '../journal/recordings.ts';
import { startRetention } from '../journal/retention-clock.ts';
import { TALK_LIMIT_S } from '../server/telephone-limits.ts';

/** What the database has not taken by then goes to the disk, for the next process. */
const FLUSH_MS = 5000;
/** What may come after a call's own part: a person talks, a message is taken, Twilio tells the end. */
const LONGEST_REST_MS = (TALK_LIMIT_S + 3600) * 1000;

export interface Records {
  readonly database: Database;
  readonly journal: Journal;
  /** The directory of recorded calls; it need not be there. */
  readonly recordings: string;
  close(): Promise<void>;
}

/** A database that is down does not keep anybody from calling. */
export async function openRecords(config: Config, log: Logger): Promise<Records> {
  const database = await openDatabase({
    url: config.DATABASE_URL,
    directory: config.DATA_DIRECTORY,
    patient: true,
  });
  const journal = new Journal(database, { directory: `${config.DATA_DIRECTORY}/spool`, log });
  const recordings = recordingsDirectory(config.DATA_DIRECTORY);
  const retention = startRetention(
    database,
    {
      wordsDays: config.RETENTION_WORDS_DAYS,
      messagesDays: config.RETENTION_MESSAGES_DAYS,
      reservationsDays: config.RETENTION_RESERVATIONS_DAYS,
      recordsDays: config.RETENTION_RECORDS_DAYS,
    },
    log,
    {
      directory: recordings,
      days: Math.min(config.RETENTION_RECORDINGS_DAYS, config.RETENTION_RECORDS_DAYS),
    },
  );
  const longestCallMs = config.MAX_CALL_MINUTES * 60_000 + LONGEST_REST_MS;
  const lostCalls = startClosingLostCalls(database, longestCallMs, log);
  return {
    database,
    journal,
    recordings,
    close: async () => {
      await Promise.all([retention.stop(), lostCalls.stop(), journal.close(FLUSH_MS)]);
      await database.close();
    },
  };
}
