/**
 * The book of reservations as the agent's tools see it. There are two: the one in our own database,
 * and the restaurant's own system behind a webhook.
 */

/** A wish, in the restaurant's time zone. */
export interface Wish {
  /** `2026-12-24` */
  date: string;
  /** `19:30` */
  time: string;
  partySize: number;
}

export interface Guest {
  name: string;
  /** E.164, or digits as the caller gave them. */
  phone?: string;
  note?: string;
}

export interface Reservation extends Wish {
  id: string;
  status: 'held' | 'confirmed' | 'cancelled' | 'expired';
  name: string;
  phone?: string;
  note?: string;
}

/**
 * Why an operation was not done. Each is told to the model as a sentence, and nothing has changed.
 * - `full`: no table at that time; `alternatives` are times of the same day that are free.
 * - `closed`, `outsideHours`, `notASlot`, `tooSoon`, `tooFar`, `partyTooLarge`, `past`: the rules of the
 *   profile.
 * - `expired`: the hold has lapsed. `unknown`: no such booking. `wrongState`: it is already cancelled, or
 *   not held any more.
 */
export type RefusalReason =
  | 'full'
  | 'closed'
  | 'outsideHours'
  | 'notASlot'
  | 'tooSoon'
  | 'tooFar'
  | 'past'
  | 'partyTooLarge'
  | 'expired'
  | 'unknown'
  | 'wrongState';

export interface Refusal {
  done: false;
  reason: RefusalReason;
  /** Free times of that day, `HH:MM`, nearest first; at most 4. */
  alternatives?: readonly string[];
}

export type Outcome<T> = ({ done: true } & T) | Refusal;

/**
 * Every operation that changes something carries a key and is done at most once for it: asked again,
 * it returns what it returned. A promise that resolves has been committed.
 * @throws {BookUnavailableError} on every method
 */
export interface ReservationBook {
  availability(wish: Wish): Promise<Outcome<{ alternatives: readonly string[] }>>;
  hold(
    key: string,
    hold: Wish & Guest & { callSid: string },
  ): Promise<Outcome<{ reservation: Reservation; expiresAt: number }>>;
  confirm(key: string, id: string): Promise<Outcome<{ reservation: Reservation }>>;
  /** Moves a confirmed booking: all of it, or nothing of it. */
  change(key: string, id: string, wish: Wish): Promise<Outcome<{ reservation: Reservation }>>;
  cancel(key: string, id: string): Promise<Outcome<{ reservation: Reservation }>>;
  /** Upcoming bookings under this name whose phone number ends with these digits (2 to 4). */
  find(name: string, lastDigits: string): Promise<readonly Reservation[]>;
}

/** Nothing is known to have been done; with `uncertain`, it may have been. */
export class BookUnavailableError extends Error {
  override name = 'BookUnavailableError';
  readonly uncertain: boolean;

  constructor(message: string, options: { uncertain?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.uncertain = options.uncertain ?? false;
  }
}
