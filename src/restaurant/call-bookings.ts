import type { Reservation } from './reservation-book.ts';

/** A booking as the model knows it: by a handle of this call, never by its id. */
export interface CallBooking {
  /** `B1`, `B2`, … */
  readonly handle: string;
  reservation: Reservation;
  /** The caller's turn in which it was held; absent when it was found or has been confirmed. */
  heldInTurn?: number;
  /** When the hold lapses, milliseconds since 1970. */
  holdExpiresAt?: number;
}

/** Plain, so that it can be written down: another life of the call goes on with it. */
export interface BookingsState {
  bookings: readonly CallBooking[];
  confirmedIds: readonly string[];
  confirmingIds: readonly string[];
  callerName?: string | undefined;
  failedSearches: number;
  messages: number;
  transferReason?: string | undefined;
}

const MAX_HOLDS = 2;
const MAX_CONFIRMED = 3;
export const MAX_FAILED_SEARCHES = 3;
/** Holds, bookings and finds of one call together. */
const MAX_HANDLES = 24;

/**
 * The bookings that this call has made or found, and what else is known of its caller. What is not
 * in here cannot be confirmed, changed or cancelled.
 */
export class CallBookings {
  readonly #bookings = new Map<string, CallBooking>();
  readonly #confirmedIds = new Set<string>();
  /** Asked of the book, and not refused: confirmed, or not known to be not. */
  readonly #confirmingIds = new Set<string>();
  /** The last name that was given for a booking or a message. */
  callerName: string | undefined;
  failedSearches = 0;
  messages = 0;
  /** What the caller wants of the person asked for, as `staffReason` made it. */
  transferReason: string | undefined;

  get state(): BookingsState {
    const { callerName, failedSearches, messages, transferReason } = this;
    return {
      bookings: this.all,
      confirmedIds: this.confirmedIds,
      confirmingIds: [...this.#confirmingIds],
      callerName,
      failedSearches,
      messages,
      transferReason,
    };
  }

  /** Before anything else is done: the model knows these by their handles. */
  restore({ bookings, confirmedIds, confirmingIds, ...rest }: BookingsState): void {
    for (const booking of bookings) this.#bookings.set(booking.handle, { ...booking });
    for (const id of confirmedIds) this.#confirmedIds.add(id);
    for (const id of confirmingIds) this.#confirmingIds.add(id);
    Object.assign(this, rest);
  }

  /** Ids of what was confirmed in this call, in order; cancelling does not take one out. */
  get confirmedIds(): readonly string[] {
    return [...this.#confirmedIds];
  }

  get all(): readonly CallBooking[] {
    return [...this.#bookings.values()];
  }

  get isFull(): boolean {
    return this.#bookings.size >= MAX_HANDLES;
  }

  /** @param handle of the model, so anything */
  get(handle: string): CallBooking | undefined {
    return this.#bookings.get(handle);
  }

  /**
   * A table was held. What is held for the same day gives way, because the caller has changed the
   * wish; so does the oldest when there would be more than two.
   *
   * @returns the new booking, and those that gave way: their tables are to be released
   */
  held(reservation: Reservation, options: { turn: number; expiresAt: number; nowMs: number }) {
    const live = this.holds(options.nowMs);
    const sameDay = live.filter((hold) => hold.reservation.date === reservation.date);
    const others = live.filter((hold) => !sameDay.includes(hold));
    const released = [...sameDay, ...others.slice(0, Math.max(0, others.length + 1 - MAX_HOLDS))];
    for (const hold of released) this.became(hold, { ...hold.reservation, status: 'cancelled' });
    const booking = this.#add(reservation);
    booking.heldInTurn = options.turn;
    booking.holdExpiresAt = options.expiresAt;
    return { booking, released };
  }

  /** The same booking keeps its handle, however often it is found. */
  found(reservation: Reservation): CallBooking {
    const known = this.all.find((booking) => booking.reservation.id === reservation.id);
    if (!known) return this.#add(reservation);
    this.became(known, reservation);
    return known;
  }

  /** The book is asked to confirm; `confirmed` or `notConfirmed` follow, if it answers. */
  confirming({ reservation }: CallBooking): void {
    this.#confirmingIds.add(reservation.id);
  }

  confirmed(booking: CallBooking, reservation: Reservation): void {
    this.became(booking, reservation);
    this.#confirmedIds.add(reservation.id);
  }

  notConfirmed(booking: CallBooking): void {
    this.#confirmingIds.delete(booking.reservation.id);
    this.became(booking, { ...booking.reservation, status: 'expired' });
  }

  /** As many were booked as one call may book, or may have been. @param id that does not count */
  hasBookedEnough(id?: string): boolean {
    const others = [...this.#confirmingIds].filter((each) => each !== id);
    return others.length >= MAX_CONFIRMED;
  }

  /** The book's latest word on a booking. */
  became(booking: CallBooking, reservation: Reservation): void {
    booking.reservation = reservation;
    if (reservation.status === 'held') return;
    delete booking.heldInTurn;
    delete booking.holdExpiresAt;
  }

  /** What is held and has neither lapsed nor been confirmed, oldest first. */
  holds(nowMs: number): CallBooking[] {
    return this.all.filter((booking) => (booking.holdExpiresAt ?? 0) > nowMs);
  }

  #add(reservation: Reservation): CallBooking {
    const booking: CallBooking = { handle: `B${this.#bookings.size + 1}`, reservation };
    this.#bookings.set(booking.handle, booking);
    return booking;
  }
}
