import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Desk } from '../src/restaurant/desk.ts';
import { BookUnavailableError } from '../src/restaurant/reservation-book.ts';
import { hostileCall, meantCall } from './support/hostile-tool-call.ts';
import { MemoryBook } from './support/memory-book.ts';
import { KITCHEN, MANAGER, NOON, openDesk, PROFILE } from './support/open-desk.ts';

/** Model outputs in all. */
const OUTPUTS = 10_000;
const OUTPUTS_A_CALL = 40;
const MAX_CONTENT_BYTES = 2_048;

const output = fc.record({
  call: fc.oneof(meantCall, hostileCall),
  /** Does the caller say something before it? */
  isNewTurn: fc.boolean(),
  book: fc.oneof(
    { weight: 8, arbitrary: fc.constant('answers' as const) },
    { weight: 1, arbitrary: fc.constantFrom('unreachable' as const, 'uncertain' as const) },
  ),
});

test('whatever the model puts out, the desk does only what a caller can have wanted', async (t) => {
  const seen = { confirm: 0, change: 0, cancel: 0, transfer: 0, accepted: 0 };
  const calls = fc.array(output, { minLength: OUTPUTS_A_CALL, maxLength: OUTPUTS_A_CALL });
  await fc.assert(
    fc.asyncProperty(calls, async (outputs) => {
      const world = new World();
      for (const each of outputs) {
        const answer = await world.put(each);
        seen.accepted += answer.accepted ? 1 : 0;
        seen.transfer += answer.effect?.type === 'transfer' ? 1 : 0;
      }
      for (const { operation } of world.book.asked) {
        if (operation in seen) seen[operation as 'confirm'] += 1;
      }
      world.checkBooks();
    }),
    { numRuns: OUTPUTS / OUTPUTS_A_CALL },
  );
  t.diagnostic(JSON.stringify(seen));
  // A desk that refuses all would pass as well.
  for (const [what, times] of Object.entries(seen)) assert.ok(times > 20, `${what}: ${times}`);
});

/** One call, with a book that checks each operation as it is asked for. */
class World {
  readonly book = new MemoryBook({ now: () => NOON });
  readonly #desk: Desk;
  #turn = 0;
  #failure: 'answers' | 'unreachable' | 'uncertain' = 'answers';
  /** The turn in which each was held, by the id that only the book knows. */
  readonly #heldInTurn = new Map<string, number>();
  readonly #known = new Set<string>();

  constructor() {
    this.book.add({ id: 'foreign-1' });
    this.book.add({ id: 'foreign-2', name: 'Stone', phone: '+49301235678' });
    this.book.add({ id: 'foreign-3', name: 'Hidden', phone: '+49301230000' });
    this.book.before = (asked) => {
      if (asked.id !== undefined) this.#check(asked.operation, asked.id);
      if (this.#failure === 'unreachable') throw new BookUnavailableError('no connection');
    };
    this.book.after = () => {
      if (this.#failure === 'uncertain') {
        throw new BookUnavailableError('lost', { uncertain: true });
      }
    };
    this.#desk = openDesk({ book: this.book }).desk;
  }

  async put({ call, isNewTurn, book }: typeof output extends fc.Arbitrary<infer T> ? T : never) {
    if (isNewTurn) this.#turn += 1;
    this.#failure = book;
    const answer = await this.#desk.run(call, { turn: this.#turn });
    this.#learn(call.name, answer.accepted);
    assert.ok(Buffer.byteLength(answer.content) <= MAX_CONTENT_BYTES, answer.content);
    const told = JSON.parse(answer.content) as Record<string, unknown>;
    assert.equal(told.done, answer.accepted);
    const secrets = new RegExp(`foreign-|secret|${[MANAGER, KITCHEN].map(digits).join('|')}`);
    const all = JSON.stringify([answer, this.#desk.brief]);
    assert.doesNotMatch(all.replace(/[\s().-]/g, ''), secrets);
    const { effect } = answer;
    if (effect?.type === 'transfer') assert.ok(Object.hasOwn(PROFILE.staff, effect.destination));
    if (effect?.type === 'speakLanguage') assert.match(effect.language, /^(?:en|de)$/);
    return answer;
  }

  /** In the end: at most three booked, and nobody else's booking touched unless it was found. */
  checkBooks(): void {
    const booked = [...this.book.reservations.values()].filter(
      ({ id, status }) => status === 'confirmed' && !id.startsWith('foreign-'),
    );
    assert.ok(booked.length <= 3);
    const hidden = this.book.reservations.get('foreign-3');
    assert.equal(hidden?.status, 'confirmed');
    assert.equal(hidden?.partySize, 2);
    assert.ok(this.#desk.reservationIds.length <= 3);
  }

  #learn(tool: string, accepted: boolean): void {
    for (const { id } of this.book.reservations.values()) {
      const isOwn = !id.startsWith('foreign-');
      if (isOwn && !this.#heldInTurn.has(id)) this.#heldInTurn.set(id, this.#turn);
      if (isOwn) this.#known.add(id);
    }
    if (tool !== 'find_booking' || !accepted) return;
    // Found by name and digits: the only way to another call's booking.
    this.#known.add('foreign-1').add('foreign-2');
  }

  #check(operation: string, id: string): void {
    if (operation === 'confirm') {
      const held = this.#heldInTurn.get(id);
      assert.ok(held !== undefined && held < this.#turn, 'confirmed in the turn of its hold');
    } else assert.ok(this.#known.has(id), `${operation} of a booking that was not found or made`);
  }
}

function digits(number: string): string {
  return number.slice(1);
}
