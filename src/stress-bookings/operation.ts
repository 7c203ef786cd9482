import type {
  Guest,
  Outcome,
  Reservation,
  ReservationBook,
  Wish,
} from '../restaurant/reservation-book.ts';

/** One call of the book, as it travels between processes. The same key twice: a repeat. */
export type Operation =
  /** `callSid` is the key: a booking tells by which operation it was made. */
  | { kind: 'hold'; key: string; hold: Wish & Guest & { callSid: string } }
  | { kind: 'confirm'; key: string; id: string }
  | { kind: 'change'; key: string; id: string; wish: Wish }
  | { kind: 'cancel'; key: string; id: string };

export type OperationOutcome = Outcome<{ reservation: Reservation; expiresAt?: number }>;

export function perform(book: ReservationBook, operation: Operation): Promise<OperationOutcome> {
  const { kind, key } = operation;
  if (kind === 'hold') return book.hold(key, operation.hold);
  if (kind === 'change') return book.change(key, operation.id, operation.wish);
  return book[kind](key, operation.id);
}
