import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DatabaseError } from '../src/journal/database.ts';
import { takeOver } from '../src/journal/lives.ts';
import { Bookings } from '../src/restaurant/bookings.ts';
import { nameKey } from '../src/restaurant/name-key.ts';
import { type Profile, profileSchema, WEEKDAYS } from '../src/restaurant/profile.ts';
import {
  BookUnavailableError,
  type Refusal,
  type Wish,
} from '../src/restaurant/reservation-book.ts';
import { type GetFreshDatabase, onBothDatabases } from './support/databases.ts';
import { callRow } from './support/journal-rows.ts';

const MINUTE_MS = 60_000;
/** Noon in Berlin, ten days before the evening that everybody wants. */
const NOON = Date.parse('2026-12-01T11:00:00Z');
const EVENING: Wish = { date: '2026-12-11', time: '19:00', partySize: 2 };
const TABLES = {
  tables: [
    { seats: 2, count: 1 },
    { seats: 4, count: 1 },
  ],
};

function profileWith(rules: Partial<Profile['reservations']> = {}): Profile {
  return profileSchema.parse({
    name: 'Trattoria Aurora',
    address: '12 Harbour Street',
    timeZone: 'Europe/Berlin',
    hours: Object.fromEntries(WEEKDAYS.map((day) => [day, [{ from: '18:00', to: '23:00' }]])),
    reservations: { seating: TABLES, slotMinutes: 30, stayMinutes: 120, ...rules },
  });
}

onBothDatabases((kind, freshDatabase) => {
  const check = (name: string, body: (set: Awaited<ReturnType<typeof setUp>>) => Promise<void>) =>
    test(`${kind}: ${name}`, async (t) => body(await setUp(t, freshDatabase)));

  check('a hold is told with its end, and takes a table', async ({ book, hold, taken }) => {
    const outcome = await book.hold('k', {
      ...EVENING,
      name: 'Anna Berg',
      phone: '+4930123456',
      note: 'by the window',
      callSid: 'CA1',
    });
    assert.ok(outcome.done);
    assert.equal(outcome.expiresAt, NOON + 300_000);
    const { id, ...told } = outcome.reservation;
    assert.match(id, /^r[0-9a-z]{10}$/);
    assert.deepEqual(told, {
      ...EVENING,
      status: 'held',
      name: 'Anna Berg',
      phone: '+4930123456',
      note: 'by the window',
    });
    assert.deepEqual(await taken(), Array(8).fill('t2-1'));
    assert.deepEqual((await hold({ ...EVENING, time: '19:30' }))?.partySize, 2);
    assert.deepEqual(new Set(await taken()), new Set(['t2-1', 't4-1']));
  });

  check('what is written can be read by whoever keeps the records', async ({ hold, rows }) => {
    await hold({ ...EVENING, name: 'Zoë  O’Brien', phone: '+49 30 12-34-56' });
    const [row] = await rows();
    assert.equal(row?.starts_at, Date.parse('2026-12-11T18:00:00Z'));
    assert.equal(row?.ends_at, Date.parse('2026-12-11T20:00:00Z'));
    assert.equal(row?.name_key, 'zoe obrien');
    assert.equal(row?.phone_last4, '3456');
    assert.equal(row?.created_at, NOON);
  });

  check(
    'of a hundred holds for the last table one is given it',
    async ({ fresh, profile, now }) => {
      const books = await Promise.all(
        [1, 2].map(async () => new Bookings({ database: await fresh.open(), profile, now })),
      );
      const only = { ...EVENING, partySize: 4, name: 'Anna', callSid: 'CA1' };
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          // On a busy machine one that waits too long for the database is told that it was not done.
          books[n % 2]!.hold(`key-${n}`, only).catch((error: BookUnavailableError) => error),
        ),
      );
      const refused = outcomes.filter((each) => each instanceof Error || !each.done);
      assert.equal(refused.length, 99);
      for (const each of refused) {
        if (each instanceof Error) assert.equal(each.uncertain, false, String(each.cause));
        else assert.equal(!each.done && each.reason, 'full');
      }
    },
  );

  check('bookings that only touch do not keep each other out', async ({ hold }) => {
    const first = { ...EVENING, partySize: 4 };
    assert.ok(await hold(first));
    assert.ok(await hold({ ...first, time: '21:00' }));
    assert.equal(await hold({ ...first, time: '20:30' }), undefined);
  });

  check(
    'full is told with free times of the day, nearest first',
    async ({ book, hold, confirm }) => {
      await confirm(await hold({ ...EVENING, partySize: 4, time: '18:30' }));
      const outcome = await book.hold('k', { ...EVENING, partySize: 3, name: 'B', callSid: 'CA2' });
      assert.deepEqual(outcome, {
        done: false,
        reason: 'full',
        alternatives: ['20:30', '21:00', '21:30', '22:00'],
      });
      assert.deepEqual(await book.availability({ ...EVENING, partySize: 3 }), outcome);
    },
  );

  check('availability says yes with other times, and no with why', async ({ book }) => {
    const at = (wish: Partial<Wish>) => book.availability({ ...EVENING, ...wish });
    assert.deepEqual(await at({}), {
      done: true,
      alternatives: ['18:30', '19:30', '18:00', '20:00'],
    });
    assert.deepEqual(await at({ date: '2026-11-01' }), {
      done: false,
      reason: 'past',
      alternatives: [],
    });
    assert.deepEqual(await at({ date: '2027-12-01' }), { done: false, reason: 'tooFar' });
    assert.deepEqual(await at({ partySize: 7 }), { done: false, reason: 'partyTooLarge' });
    assert.deepEqual(await at({ time: '19:10' }), {
      done: false,
      reason: 'notASlot',
      alternatives: ['19:00', '19:30', '18:30', '20:00'],
    });
    assert.equal(((await at({ time: '12:00' })) as Refusal).reason, 'outsideHours');
  });

  check('the rules hold for whoever holds and changes', async ({ book, hold, confirm, rows }) => {
    const reasonOf = async (outcome: Promise<{ done: boolean; reason?: string }>) =>
      (await outcome).reason;
    const guest = { name: 'Anna', callSid: 'CA1' };
    const late = { ...EVENING, time: '22:30' };
    assert.equal(await reasonOf(book.hold('k1', { ...late, ...guest })), 'outsideHours');
    assert.deepEqual(await rows(), []);
    const id = await confirm(await hold(EVENING));
    assert.equal(await reasonOf(book.change('k2', id, late)), 'outsideHours');
    assert.equal((await rows())[0]?.time, '19:00');
  });

  check('a party larger than any table is put at several', async ({ hold, taken }) => {
    assert.ok(await hold({ ...EVENING, partySize: 6 }));
    assert.deepEqual(new Set(await taken()), new Set(['t2-1', 't4-1']));
    assert.equal(await hold({ ...EVENING, partySize: 1 }), undefined);
  });

  test(`${kind}: where guests are counted, they are counted`, async (t) => {
    const { hold } = await setUp(t, freshDatabase, { seating: { guests: 10 } });
    assert.ok(await hold({ ...EVENING, partySize: 6 }));
    assert.equal(await hold({ ...EVENING, partySize: 5 }), undefined);
    assert.ok(await hold({ ...EVENING, partySize: 4 }));
    assert.equal(await hold({ ...EVENING, time: '20:30', partySize: 1 }), undefined);
    assert.ok(await hold({ ...EVENING, time: '21:00', partySize: 8 }));
  });

  check('a hold that has lapsed is free, and cannot be confirmed', async (set) => {
    const { book, hold, clock, rows } = set;
    const wish = { ...EVENING, partySize: 4 };
    const first = await hold(wish);
    clock.at = NOON + 299_999;
    assert.equal(await hold(wish), undefined);
    assert.equal(((await book.availability(wish)) as Refusal).reason, 'full');
    clock.at = NOON + 300_000;
    assert.ok((await book.availability(wish)).done);
    const second = await hold(wish);
    assert.ok(second);
    assert.deepEqual(await book.confirm('late', first!.id), { done: false, reason: 'expired' });
    assert.deepEqual((await rows()).map(({ status }) => status).sort(), ['expired', 'held']);
  });

  check('a hold lapses when it is confirmed too late, though nobody else came', async (set) => {
    const { book, hold, clock, taken } = set;
    const held = await hold(EVENING);
    clock.at = NOON + 300_000;
    assert.deepEqual(await book.confirm('late', held!.id), { done: false, reason: 'expired' });
    assert.deepEqual(await book.cancel('later', held!.id), { done: false, reason: 'expired' });
    assert.deepEqual(await taken(), []);
  });

  check(
    'what is confirmed stays, whenever it is looked at',
    async ({ book, hold, clock, rows }) => {
      const held = await hold({ ...EVENING, partySize: 4 });
      const outcome = await book.confirm('yes', held!.id);
      assert.deepEqual(outcome, { done: true, reservation: { ...held, status: 'confirmed' } });
      assert.equal((await rows())[0]?.expires_at, null);
      clock.at = NOON + 24 * 60 * MINUTE_MS;
      assert.equal(await hold({ ...EVENING, partySize: 4 }), undefined);
      assert.deepEqual(await book.confirm('yes again', held!.id), outcome);
    },
  );

  check('nothing can be done with a booking that is not there', async ({ book }) => {
    const unknown = { done: false, reason: 'unknown' };
    assert.deepEqual(await book.confirm('a', 'rnobody'), unknown);
    assert.deepEqual(await book.change('b', 'rnobody', EVENING), unknown);
    assert.deepEqual(await book.cancel('c', 'rnobody'), unknown);
  });

  check(
    'each operation is done once for its key, in whatever order it is repeated',
    async (set) => {
      const { fresh, profile, now, rows } = set;
      const books = await Promise.all(
        [1, 2].map(async () => new Bookings({ database: await fresh.open(), profile, now })),
      );
      const tenTimes = async <T>(ask: (book: Bookings) => Promise<T>): Promise<T> => {
        const asked = Array.from({ length: 10 }, (_, n) => ask(books[n % 2]!));
        const [first, ...others] = await Promise.all(asked);
        for (const other of others) assert.deepEqual(other, first);
        return first!;
      };
      const guest = { ...EVENING, name: 'Anna', callSid: 'CA1' };
      const held = await tenTimes((book) => book.hold('hold', guest));
      assert.ok(held.done);
      assert.equal((await rows()).length, 1);
      const { id } = held.reservation;
      const confirmed = await tenTimes((book) => book.confirm('confirm', id));
      const moved = { ...EVENING, time: '20:00' };
      await tenTimes((book) => book.change('change', id, moved));
      const back = await tenTimes((book) => book.change('back', id, EVENING));
      assert.ok(back.done);
      // The earlier change is not done again.
      await tenTimes((book) => book.change('change', id, moved));
      assert.equal((await rows())[0]?.time, '19:00');
      await tenTimes((book) => book.cancel('cancel', id));
      assert.deepEqual(await books[0]!.confirm('confirm', id), confirmed);
      assert.deepEqual(await books[1]!.hold('hold', guest), held);
      assert.deepEqual(
        (await rows()).map(({ status }) => status),
        ['cancelled'],
      );
    },
  );

  check('a refusal is kept for its key, though there is room by now', async (set) => {
    const { book, hold } = set;
    const wish = { ...EVENING, partySize: 4 };
    const first = await hold(wish);
    const guest = { ...wish, name: 'Berta', callSid: 'CA2' };
    const refused = await book.hold('mine', guest);
    assert.equal(refused.done, false);
    await book.cancel('gone', first!.id);
    assert.deepEqual(await book.hold('mine', guest), refused);
    assert.ok((await book.hold('anew', guest)).done);
  });

  check('a change moves all of a booking, into its own places too', async (set) => {
    const { book, hold, confirm, slots } = set;
    const id = await confirm(await hold({ ...EVENING, partySize: 4 }));
    const outcome = await book.change('later', id, { ...EVENING, partySize: 3, time: '20:00' });
    assert.ok(outcome.done);
    assert.deepEqual(
      { ...outcome.reservation },
      { ...outcome.reservation, id, status: 'confirmed', time: '20:00', partySize: 3 },
    );
    const first = Date.parse('2026-12-11T19:00:00Z') / MINUTE_MS;
    assert.deepEqual(
      await slots(),
      Array.from({ length: 8 }, (_, n) => ['t4-1', first + n * 15]),
    );
    assert.ok((await book.change('small', id, { ...EVENING, partySize: 2 })).done);
    assert.ok(await hold({ ...EVENING, partySize: 4 }));
  });

  check('a change that cannot be made changes nothing', async (set) => {
    const { book, hold, confirm, rows, slots } = set;
    const wish = { ...EVENING, partySize: 4 };
    const id = await confirm(await hold(wish));
    const other = { ...wish, date: '2026-12-12' };
    await confirm(await hold(other));
    const before = [await rows(), await slots()];
    const outcome = await book.change('k', id, { ...other, time: '19:30' });
    assert.deepEqual(outcome, {
      done: false,
      reason: 'full',
      alternatives: ['21:00', '21:30', '22:00'],
    });
    assert.deepEqual([await rows(), await slots()], before);
  });

  check('only a confirmed booking that lies ahead is changed', async (set) => {
    const { book, hold, confirm, clock } = set;
    const held = await hold(EVENING);
    const moved = { ...EVENING, date: '2026-12-15' };
    const wrongState = { done: false, reason: 'wrongState' };
    assert.deepEqual(await book.change('held', held!.id, moved), wrongState);
    const id = await confirm(held);
    clock.at = Date.parse('2026-12-11T18:00:00Z');
    assert.deepEqual(await book.change('seated', id, moved), { done: false, reason: 'past' });
    await book.cancel('cancel', id);
    assert.deepEqual(await book.change('cancelled', id, moved), wrongState);
  });

  check('cancelled is free again, and stays cancelled', async (set) => {
    const { book, hold, confirm, taken } = set;
    const wish = { ...EVENING, partySize: 4 };
    const id = await confirm(await hold(wish));
    const cancelled = await book.cancel('c', id);
    assert.ok(cancelled.done);
    assert.equal(cancelled.reservation.status, 'cancelled');
    assert.deepEqual(await taken(), []);
    assert.deepEqual(await book.cancel('again', id), cancelled);
    assert.deepEqual(await book.confirm('yes', id), { done: false, reason: 'wrongState' });
    const held = await hold(wish);
    assert.ok((await book.cancel('never mind', held!.id)).done);
    assert.ok(await hold(wish));
  });

  check('a stay that is over cannot be cancelled', async ({ book, hold, confirm, clock }) => {
    const id = await confirm(await hold(EVENING));
    clock.at = Date.parse('2026-12-11T20:00:00Z');
    assert.deepEqual(await book.cancel('c', id), { done: false, reason: 'past' });
  });

  check('a booking is found by name and last digits, however they are said', async (set) => {
    const { book, hold, confirm } = set;
    const id = await confirm(
      await hold({ ...EVENING, name: 'Zoë McDonald', phone: '+4930123456' }),
    );
    const names = [
      'Zoë McDonald',
      'zoe mcdonald',
      'McDonald',
      'Mc Donald',
      'M. McDonald',
      'MCDONALD!',
    ];
    for (const name of names) {
      assert.deepEqual(
        (await book.find(name, '3456')).map((each) => each.id),
        [id],
        name,
      );
    }
    assert.deepEqual((await book.find('McDonald', '56')).length, 1);
    for (const [name, digits] of [
      ['McDonald', '3457'],
      ['McDonald', '6'],
      ['McDonald', '23456'],
      ['McDonald', '%%'],
      ['Donald', '3456'],
      ['%', '3456'],
      ['', '3456'],
    ] as const) {
      assert.deepEqual(await book.find(name, digits), [], `${name} ${digits}`);
    }
  });

  check('only upcoming confirmed bookings are found, soonest first, five at most', async (set) => {
    const { book, hold, confirm, clock } = set;
    const guest = { name: 'Berg', phone: '+4930123456' };
    const on = (day: number) => ({ ...EVENING, ...guest, date: `2026-12-${day}` });
    for (const day of [19, 18, 17, 16, 15, 14]) await confirm(await hold(on(day)));
    await hold(on(12));
    await book.cancel('c', await confirm(await hold(on(13))));
    const dates = async () => (await book.find('Berg', '3456')).map(({ date }) => date.slice(-2));
    assert.deepEqual(await dates(), ['14', '15', '16', '17', '18']);
    clock.at = Date.parse('2026-12-14T20:00:00Z');
    assert.deepEqual(await dates(), ['15', '16', '17', '18', '19']);
  });

  check('bookings outlive the tables at which they were made', async (set) => {
    const { fresh, hold, confirm, now } = set;
    const id = await confirm(await hold({ ...EVENING, partySize: 4 }));
    const smaller = profileWith({ seating: { tables: [{ seats: 2, count: 1 }] } });
    const book = new Bookings({ database: await fresh.open(), profile: smaller, now });
    const confirmed = await book.confirm('still', id);
    assert.ok(confirmed.done);
    assert.equal(confirmed.reservation.partySize, 4);
    assert.ok((await book.availability({ ...EVENING, partySize: 2 })).done);
  });

  check('a commit of unknown end is asked about once more, and is not done twice', async (set) => {
    const { database, profile, now, rows } = set;
    let fails = 1;
    const uncertain: typeof database = {
      ...database,
      serially: async (lock, work) => {
        const result = await database.serially(lock, work);
        fails -= 1;
        if (fails >= 0) throw new DatabaseError('unknown', 'the connection was lost');
        return result;
      },
    };
    const book = new Bookings({ database: uncertain, profile, now });
    const guest = { ...EVENING, name: 'Anna', callSid: 'CA1' };
    assert.ok((await book.hold('k', guest)).done);
    assert.equal((await rows()).length, 1);
    fails = 2;
    await assert.rejects(book.hold('other', guest), (error: unknown) => {
      assert.ok(error instanceof BookUnavailableError);
      assert.equal(error.uncertain, true);
      return true;
    });
    assert.equal((await rows()).length, 2);
  });

  check('once another life owns the call, nothing is changed for this one', async (set) => {
    const { database, profile, now, rows } = set;
    await database.db
      .insertInto('calls')
      .values(callRow({ call_sid: 'CA1' }))
      .execute();
    const bookOf = (epoch: number) =>
      new Bookings({ database, profile, now, life: { callSid: 'CA1', epoch } });
    const guest = { ...EVENING, name: 'Anna', callSid: 'CA1' };
    const held = await bookOf(0).hold('k', guest);
    assert.ok(held.done);
    await takeOver(database, 'CA1', now());
    const { id } = held.reservation;
    for (const ask of [
      () => bookOf(0).hold('other', guest),
      () => bookOf(0).confirm('yes', id),
      () => bookOf(0).change('move', id, EVENING),
      () => bookOf(0).cancel('no', id),
    ]) {
      await assert.rejects(ask, BookUnavailableError);
    }
    assert.deepEqual(
      (await rows()).map(({ status }) => status),
      ['held'],
    );
    assert.deepEqual(await bookOf(1).hold('k', guest), held, 'what was done is not done again');
    assert.equal((await bookOf(1).confirm('yes', id)).done, true);
  });

  check(
    'a call that is taken over at any moment books once, by whichever life',
    async ({ fresh, database, profile, now, rows }) => {
      const replica = await fresh.open();
      const guest = { ...EVENING, name: 'Anna', callSid: 'CA1' };
      for (let round = 0; round < 25; round += 1) {
        for (const table of ['reservations', 'operations', 'calls'] as const) {
          await database.db.deleteFrom(table).execute();
        }
        await database.db
          .insertInto('calls')
          .values(callRow({ call_sid: 'CA1' }))
          .execute();
        const bookOf = (on: typeof database, epoch: number) =>
          new Bookings({ database: on, profile, now, life: { callSid: 'CA1', epoch } });
        const first = bookOf(database, 0)
          .hold('k', guest)
          .catch(() => undefined);
        for (let tick = 0; tick < round % 8; tick += 1) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        await takeOver(replica, 'CA1', now());
        const before = await rows();
        const early = await first;
        assert.deepEqual(await rows(), before, 'the fenced one writes nothing');
        const next = await bookOf(replica, 1).hold('k', guest);
        assert.ok(next.done);
        if (early) assert.deepEqual(next, early);
        assert.equal((await rows()).length, 1);
      }
    },
  );

  check('a book that cannot be reached says so, and that nothing was done', async (set) => {
    const { database, book } = set;
    await database.close();
    const guest = { ...EVENING, name: 'Anna', callSid: 'CA1' };
    for (const ask of [
      () => book.availability(EVENING),
      () => book.hold('k', guest),
      () => book.confirm('k', 'r1'),
      () => book.change('k', 'r1', EVENING),
      () => book.cancel('k', 'r1'),
      () => book.find('Anna', '1234'),
    ]) {
      await assert.rejects(ask, (error: unknown) => {
        assert.ok(error instanceof BookUnavailableError);
        assert.equal(error.uncertain, false);
        return true;
      });
    }
  });
});

test('names are compared by their letters', () => {
  assert.equal(nameKey('  Zoë   O’Brien-Løkke Jr. '), 'zoe obrienlokke jr');
  assert.equal(nameKey('STRAẞE'), 'strasse');
  assert.equal(nameKey('Ⅻ 7'), 'xii');
  assert.equal(nameKey('李 小龍'), '李 小龍');
  assert.equal(nameKey('12 %_'), '');
});

async function setUp(
  t: TestContext,
  freshDatabase: GetFreshDatabase,
  rules?: Partial<Profile['reservations']>,
) {
  const fresh = await freshDatabase(t);
  const database = await fresh.open();
  const profile = profileWith(rules);
  const clock = { at: NOON };
  const now = () => clock.at;
  const book = new Bookings({ database, profile, now });
  let keys = 0;
  const key = () => {
    keys += 1;
    return `own-${keys}`;
  };
  const places = database.db.selectFrom('occupancy').orderBy('slot').orderBy('place');
  return {
    fresh,
    database,
    profile,
    clock,
    now,
    book,
    /** The booking; undefined: there was no place. */
    hold: async (wish: Wish & { name?: string; phone?: string }) => {
      const outcome = await book.hold(key(), { name: 'Somebody', ...wish, callSid: 'CA1' });
      if (!outcome.done) assert.equal(outcome.reason, 'full');
      return outcome.done ? outcome.reservation : undefined;
    },
    /** Its id. */
    confirm: async (held: { id: string } | undefined) => {
      assert.ok(held);
      assert.ok((await book.confirm(key(), held.id)).done);
      return held.id;
    },
    rows: () => database.db.selectFrom('reservations').selectAll().orderBy('id').execute(),
    taken: async () => (await places.select('place').execute()).map(({ place }) => place),
    slots: async () =>
      (await places.select(['place', 'slot']).execute()).map(({ place, slot }) => [place, slot]),
  };
}
