/**
 * A process that does what it is told with the book of reservations, until it is killed. It knows
 * nothing of the others: they meet in the database only.
 */
import { DatabaseError } from '../journal/database.ts';
import { openDatabase } from '../journal/open-database.ts';
import { Bookings } from '../restaurant/bookings.ts';
import { BookUnavailableError } from '../restaurant/reservation-book.ts';
import { houseClock, houseWith, type Seats } from './house.ts';
import { type Operation, type OperationOutcome, perform } from './operation.ts';

/** Where the bookings are: PostgreSQL, or the directory of an SQLite file. */
export type Store = { url: string } | { directory: string };

/** As JSON in `STRESS`: the url may hold a password, which does not belong on a command line. */
export interface StressSettings {
  store: Store;
  seats: Seats;
  startedAt: number;
}

export interface Request {
  /** Given back with the answer. */
  number: number;
  operation: Operation;
}

export type Answer =
  | { answer: 'ready' }
  /** Sent only once the promise has resolved: it is committed. */
  | { answer: 'outcome'; number: number; outcome: OperationOutcome }
  | { answer: 'unavailable'; number: number; uncertain: boolean }
  /** A mistake in the program. */
  | { answer: 'failed'; number: number; message: string };

// Whoever directs it has closed it, or is gone.
process.on('disconnect', () => process.exit(0));

const { store, seats, startedAt } = JSON.parse(process.env.STRESS ?? '{}') as StressSettings;
const database = await openDatabase({ ...store, timeoutMs: 5000, poolSize: 4 });
const book = new Bookings({ database, profile: houseWith(seats), now: houseClock(startedAt) });

process.on('message', (request: Request) => void serve(request));
answer({ answer: 'ready' });

async function serve({ number, operation }: Request): Promise<void> {
  try {
    answer({ answer: 'outcome', number, outcome: await perform(book, operation) });
  } catch (error) {
    if (error instanceof BookUnavailableError && !isRefusedStatement(error.cause)) {
      answer({ answer: 'unavailable', number, uncertain: error.uncertain });
    } else {
      answer({ answer: 'failed', number, message: String(error) });
    }
  }
}

function isRefusedStatement(cause: unknown): boolean {
  return cause instanceof DatabaseError && cause.kind === 'failed';
}

function answer(message: Answer): void {
  if (process.connected) process.send?.(message);
}
