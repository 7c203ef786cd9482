/** How a journal is set up, and what it tells of itself. */
import type { Logger } from 'pino';

export const JOURNAL_TIMING = {
  /** What comes for so long after a transaction goes into one: a tenth of the CPU at a hundred calls. */
  gatherMs: 25,
  /** An answer that takes longer: what waits for it is put on the disk, lest this process dies. */
  slowMs: 1000,
  /** The same, where somebody waits for it to be kept. */
  keepMs: 100,
  /** From the database's first failure to the next attempt; doubled with each, up to the last. */
  firstRetryMs: 500,
  lastRetryMs: 10_000,
  spoolRetryMs: 5000,
  /** How often files of processes that died are looked for. */
  claimMs: 60_000,
};

export interface JournalOptions {
  /** Where the spool is kept. Local to this machine. */
  directory: string;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Entries in memory. */
  maxQueued?: number;
  /** Bytes on the disk, of this process. */
  maxSpoolBytes?: number;
  timing?: Partial<typeof JOURNAL_TIMING>;
}

export interface JournalState {
  /** Entries in memory only. */
  pending: number;
  /** Bytes on the disk that the database does not have. */
  spooledBytes: number;
  databaseUp: boolean;
  /** Entries lost because memory and spool were full, or that could not be read back. */
  dropped: number;
  /** Entries lost because the database refused them and nothing else. */
  refused: number;
  /** Entries of lives that did not own their call any more when they came to the database. */
  fenced: number;
}
