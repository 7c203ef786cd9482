import type { SeededRandom } from '../simulators/twilio/seeded-random.ts';
import { DAYS, dayOfRun, LARGEST_PARTY } from './house.ts';
import type { Operation, OperationOutcome } from './operation.ts';

/** Bookings of which confirmations, changes and cancellations choose: the newest are wanted most. */
const MOST_KNOWN = 30;
const MOST_REPEATABLE = 60;
const SHARE = { repeat: 0.15, hold: 0.4, confirm: 0.22, change: 0.12 };
const STRANGER = 'rnobody';

/** What is asked next: random, and the same for the same seed and the same answers. */
export class OperationSource {
  readonly #random: SeededRandom;
  readonly #startedAt: number;
  readonly #known: string[] = [];
  readonly #asked: Operation[] = [];
  #count = 0;

  constructor(random: SeededRandom, startedAt: number) {
    this.#random = random;
    this.#startedAt = startedAt;
  }

  /** A new operation, or one that was asked for before: running, done, or cut off. */
  next(): Operation {
    let choice = this.#random.next() - SHARE.repeat;
    if (choice < 0 && this.#asked.length > 0) return this.#pick(this.#asked);
    this.#count += 1;
    const key = `operation-${this.#count}`;
    choice -= SHARE.hold;
    const operation = choice < 0 ? this.#hold(key) : this.#onBooking(key, choice);
    remember(this.#asked, operation, MOST_REPEATABLE);
    return operation;
  }

  /** Whether a process that died should have its operation asked of another one. */
  asksAgain(): boolean {
    return this.#random.next() < 0.5;
  }

  /** What was acknowledged: there is more to be done with a booking that lives. */
  learn({ kind }: Operation, outcome: OperationOutcome): void {
    if (!outcome.done) return;
    const { id } = outcome.reservation;
    if (kind === 'hold') remember(this.#known, id, MOST_KNOWN);
    const index = this.#known.indexOf(id);
    if (kind === 'cancel' && index >= 0) this.#known.splice(index, 1);
  }

  #hold(key: string): Operation {
    const guest = { name: `Guest ${key}`, phone: '+15550100' };
    return { kind: 'hold', key, hold: { ...this.#wish(), ...guest, callSid: key } };
  }

  #onBooking(key: string, choice: number): Operation {
    const isKnown = this.#known.length > 0 && this.#random.next() > 0.01;
    const id = isKnown ? this.#pick(this.#known) : STRANGER;
    if (choice < SHARE.confirm) return { kind: 'confirm', key, id };
    if (choice < SHARE.confirm + SHARE.change) {
      return { kind: 'change', key, id, wish: this.#wish() };
    }
    return { kind: 'cancel', key, id };
  }

  /** Mostly possible; sometimes after the last seating, off the quarters, or too many guests. */
  #wish() {
    const minute = this.#random.between(0, 9) * 15 + (this.#random.next() < 0.03 ? 5 : 0);
    const date = dayOfRun(this.#startedAt, this.#random.between(0, DAYS - 1));
    const time = `${18 + Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
    const isLarge = this.#random.next() < 0.15;
    const partySize = this.#random.between(1, isLarge ? LARGEST_PARTY + 1 : 4);
    return { date, time, partySize };
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.between(0, list.length - 1)]!;
  }
}

function remember<T>(list: T[], item: T, most: number): void {
  list.push(item);
  if (list.length > most) list.shift();
}
