import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hostileCall, meantCall } from './support/hostile-tool-call.ts';
import { KITCHEN, MANAGER, openDeskWith, PROFILE } from './support/open-desk.ts';
import { type BookMood, WatchedBook } from './support/watched-book.ts';

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

/** One call, with a book that judges each operation as it is asked for. */
class World {
  readonly book = new WatchedBook({
    turn: () => this.#turn,
    mood: () => ({ delayMs: 0, outcome: this.#outcome }),
  });
  readonly #desk = openDeskWith(this.book).desk;
  #turn = 0;
  #outcome: BookMood['outcome'] = 'answers';

  async put({ call, isNewTurn, book }: typeof output extends fc.Arbitrary<infer T> ? T : never) {
    if (isNewTurn) this.#turn += 1;
    this.#outcome = book;
    const answer = await this.#desk.run(call, { turn: this.#turn });
    assert.deepEqual(this.book.violations, []);
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

  checkBooks(): void {
    this.book.judgeBookings();
    assert.deepEqual(this.book.violations, []);
    assert.ok(this.#desk.reservationIds.length <= 3);
  }
}

function digits(number: string): string {
  return number.slice(1);
}
