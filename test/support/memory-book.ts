import type {
  Guest,
  Outcome,
  Refusal,
  Reservation,
  ReservationBook,
  Wish,
} from '../../src/restaurant/reservation-book.ts';

type Booked = Outcome<{ reservation: Reservation }>;
type Operation = 'availability' | 'find' | 'hold' | 'confirm' | 'change' | 'cancel';

/** What was asked of the book; each operation that changes something counts once a key. */
export interface Asked {
  operation: Operation;
  key?: string;
  id?: string;
}

/** A book in memory: as many tables a moment as a test says, and failures where it wants them. */
export class MemoryBook implements ReservationBook {
  readonly reservations = new Map<string, Reservation>();
  readonly asked: Asked[] = [];
  /** Runs before each operation; it may throw, or wait. */
  before: (asked: Asked) => void | Promise<void> = () => undefined;
  /** Runs after each operation was done: what it throws, the desk gets in place of the outcome. */
  after: (asked: Asked) => void | Promise<void> = () => undefined;
  /** At most so many at once. */
  mostAtOnce = 0;
  readonly #tables: number;
  readonly #now: () => number;
  readonly #results = new Map<string, unknown>();
  #atOnce = 0;

  constructor({ tables = 100, now = Date.now }: { tables?: number; now?: () => number } = {}) {
    this.#tables = tables;
    this.#now = now;
  }

  /** A booking that was made in another call. */
  add(reservation: Partial<Reservation> & { id: string }): Reservation {
    const full: Reservation = {
      status: 'confirmed',
      date: '2026-11-28',
      time: '19:30',
      partySize: 2,
      name: 'Miller',
      phone: '+49301231234',
      ...reservation,
    };
    this.reservations.set(full.id, full);
    return { ...full };
  }

  count(operation: Operation): number {
    return this.asked.filter((each) => each.operation === operation).length;
  }

  availability(wish: Wish): Promise<Outcome<{ alternatives: readonly string[] }>> {
    return this.#do({ operation: 'availability' }, () =>
      this.#isFree(wish) ? { done: true, alternatives: ['20:00'] } : FULL,
    );
  }

  hold(key: string, { callSid, ...hold }: Wish & Guest & { callSid: string }) {
    return this.#do(
      { operation: 'hold', key },
      (): Outcome<{ reservation: Reservation; expiresAt: number }> => {
        if (!this.#isFree(hold)) return FULL;
        const id = `secret-id-${this.reservations.size + 1}-${callSid}`;
        const reservation: Reservation = { id, status: 'held', ...hold };
        this.reservations.set(id, reservation);
        return {
          done: true,
          reservation: { ...reservation },
          expiresAt: this.#now() + HOLD_MS,
        };
      },
    );
  }

  confirm(key: string, id: string): Promise<Booked> {
    return this.#become({ operation: 'confirm', key, id }, ['held'], { status: 'confirmed' });
  }

  change(key: string, id: string, wish: Wish): Promise<Booked> {
    return this.#become({ operation: 'change', key, id }, ['confirmed'], wish);
  }

  cancel(key: string, id: string): Promise<Booked> {
    const from: Reservation['status'][] = ['held', 'confirmed'];
    return this.#become({ operation: 'cancel', key, id }, from, { status: 'cancelled' });
  }

  find(name: string, lastDigits: string): Promise<readonly Reservation[]> {
    return this.#do({ operation: 'find' }, () =>
      [...this.reservations.values()].filter(
        (each) =>
          each.name.toLowerCase() === name.toLowerCase() &&
          each.phone?.endsWith(lastDigits) === true,
      ),
    );
  }

  #become(
    asked: Asked & { id: string },
    from: readonly Reservation['status'][],
    changes: Partial<Reservation>,
  ): Promise<Booked> {
    return this.#do(asked, (): Booked => {
      const reservation = this.reservations.get(asked.id);
      if (!reservation) return { done: false, reason: 'unknown' };
      if (!from.includes(reservation.status)) return { done: false, reason: 'wrongState' };
      Object.assign(reservation, changes);
      return { done: true, reservation: { ...reservation } };
    });
  }

  #isFree({ date, time }: Wish): boolean {
    const taken = [...this.reservations.values()].filter(
      (each) =>
        (each.status === 'held' || each.status === 'confirmed') &&
        each.date === date &&
        each.time === time,
    );
    return taken.length < this.#tables;
  }

  async #do<T>(asked: Asked, operation: () => T): Promise<T> {
    this.asked.push(asked);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    try {
      await this.before(asked);
      const known = asked.key === undefined ? undefined : this.#results.get(asked.key);
      const result = (known as T | undefined) ?? operation();
      if (asked.key !== undefined) this.#results.set(asked.key, result);
      await this.after(asked);
      return structuredClone(result);
    } finally {
      this.#atOnce -= 1;
    }
  }
}

const HOLD_MS = 300_000;
const FULL: Refusal = { done: false, reason: 'full', alternatives: ['18:00', '21:00'] };
