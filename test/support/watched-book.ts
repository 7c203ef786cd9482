import { BookUnavailableError } from '../../src/restaurant/reservation-book.ts';
import { MemoryBook } from './memory-book.ts';
import { NOON } from './open-desk.ts';

/** How the book answers an operation. */
export interface BookMood {
  delayMs: number;
  outcome: 'answers' | 'unreachable' | 'uncertain';
}

/** A book that judges of each operation whether the caller can have wanted it. */
export class WatchedBook extends MemoryBook {
  /** What nobody can have wanted. The desk catches what a book throws, so it is written down here. */
  readonly violations: string[] = [];
  /** Operations under way, those that the desk has given up among them. */
  waiting = 0;
  readonly #turn: () => number;
  /** The turn of the caller in which each was held, by id. */
  readonly #heldInTurn = new Map<string, number>();
  /** Held or found in this call, by id. */
  readonly #known = new Set<string>();

  /**
   * @param turn counts the turns that the caller has finished
   * @param mood asked with every operation
   */
  constructor({ turn, mood }: { turn: () => number; mood: () => BookMood }) {
    super({ now: () => NOON });
    this.#turn = turn;
    this.add({ id: 'foreign-1' });
    this.add({ id: 'foreign-2', name: 'Stone', phone: '+49301235678' });
    this.add({ id: 'foreign-3', name: 'Hidden', phone: '+49301230000' });
    let outcome: BookMood['outcome'] = 'answers';
    this.before = async ({ operation, id }) => {
      if (id !== undefined) this.#judge(operation, id);
      const { delayMs, ...rest } = mood();
      outcome = rest.outcome;
      this.waiting += 1;
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      this.waiting -= 1;
      if (outcome === 'unreachable') throw new BookUnavailableError('no connection');
    };
    this.after = () => {
      if (outcome === 'uncertain') throw new BookUnavailableError('lost', { uncertain: true });
    };
  }

  override async hold(key: string, wish: Parameters<MemoryBook['hold']>[1]) {
    const turn = this.#turn();
    const before = new Set(this.reservations.keys());
    try {
      return await super.hold(key, wish);
    } finally {
      const added = [...this.reservations.keys()].filter((id) => !before.has(id));
      for (const id of added) this.#heldInTurn.set(id, turn);
      for (const id of added) this.#known.add(id);
    }
  }

  override async find(name: string, lastDigits: string) {
    const found = await super.find(name, lastDigits);
    for (const { id } of found) this.#known.add(id);
    return found;
  }

  /** In the end: at most three booked, and the booking of somebody who was never named as it was. */
  judgeBookings(): void {
    const booked = [...this.reservations.values()].filter(
      ({ id, status }) => status === 'confirmed' && !id.startsWith('foreign-'),
    );
    if (booked.length > 3) this.violations.push(`${booked.length} bookings in one call`);
    const { status, partySize } = this.reservations.get('foreign-3') ?? {};
    if (status !== 'confirmed' || partySize !== 2) this.violations.push("a stranger's booking");
  }

  #judge(operation: string, id: string): void {
    const heldInTurn = this.#heldInTurn.get(id) ?? Infinity;
    if (operation === 'confirm' && heldInTurn >= this.#turn()) {
      this.violations.push('confirmed in the turn of its hold');
    }
    if (!this.#known.has(id)) this.violations.push(`${operation} of what was not made or found`);
  }
}
