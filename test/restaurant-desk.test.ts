import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Bookings } from '../src/restaurant/bookings.ts';
import { MessageUncertainError } from '../src/restaurant/message-uncertain-error.ts';
import { BookUnavailableError } from '../src/restaurant/reservation-book.ts';
import { toolDescriptions } from '../src/restaurant/toolbox.ts';
import { freshSqlite } from './support/databases.ts';
import { MemoryBook } from './support/memory-book.ts';
import {
  CALLER,
  EVENING,
  MANAGER,
  NOON,
  openDesk,
  openDeskWith,
  PROFILE,
} from './support/open-desk.ts';
import { everyDay, profileWith } from './support/restaurant-profile.ts';
import { settled, VirtualClock } from './support/virtual-clock.ts';

const SATURDAY = { ...EVENING, date: '2026-11-28' };
const SUNDAY = { ...EVENING, date: '2026-11-29' };

test('a table is held, read back, and confirmed after the yes', async () => {
  const { desk, book, use } = openDesk();
  const held = await use(1, 'hold_table', EVENING);
  assert.equal(held.accepted, true);
  assert.equal(held.told.booking, 'B1');
  assert.match(
    String(held.told.say),
    /NOT booked yet.*Friday 27 November at 19:30 for 4, name Mil/,
  );
  assert.deepEqual(desk.reservationIds, []);

  const confirmed = await use(2, 'confirm_booking', { booking: 'B1' });
  assert.equal(confirmed.accepted, true);
  const [reservation] = book.reservations.values();
  assert.equal(reservation?.status, 'confirmed');
  assert.equal(reservation?.phone, CALLER);
  assert.deepEqual(desk.reservationIds, [reservation?.id]);
});

test('no confirmation in the turn of the hold: the caller has not heard it yet', async () => {
  const { book, use } = openDesk();
  await use(3, 'hold_table', EVENING);
  const answer = await use(3, 'confirm_booking', { booking: 'B1' });
  assert.equal(answer.accepted, false);
  assert.match(String(answer.told.say), /[Rr]ead it back and wait for a yes/);
  assert.equal(book.count('confirm'), 0);
});

test('nothing is confirmed that was not held in this call', async () => {
  const { book, use } = openDesk();
  book.add({ id: 'secret-other', status: 'held' });
  for (const booking of ['B1', 'b7', 'secret-other', '__proto__', 'constructor']) {
    assert.equal((await use(2, 'confirm_booking', { booking })).accepted, false);
  }
  assert.equal(book.count('confirm'), 0);
});

test('what is confirmed already is not confirmed again', async () => {
  const { book, use } = openDesk();
  await use(1, 'hold_table', EVENING);
  await use(2, 'confirm_booking', { booking: 'B1' });
  const again = await use(3, 'confirm_booking', { booking: 'B1' });
  assert.match(String(again.told.why), /booked already/);
  assert.equal(book.count('confirm'), 1);
});

test('a lapsed hold is said to be lapsed, and has to be made and read back anew', async () => {
  const { book, use } = openDesk();
  await use(1, 'hold_table', EVENING);
  book.confirm = async () => ({ done: false, reason: 'expired' });
  assert.match(String((await use(2, 'confirm_booking', { booking: 'B1' })).told.why), /lapsed/);
  const again = await use(3, 'confirm_booking', { booking: 'B1' });
  assert.match(String(again.told.why), /not held any more/);
});

test('the model sees handles of this call and never an id of the book', async () => {
  const { book, use } = openDesk();
  book.add({ id: 'secret-old' });
  const answers = [
    await use(1, 'hold_table', EVENING),
    await use(2, 'confirm_booking', { booking: 'B1' }),
    await use(2, 'find_booking', { name: 'Miller', last_digits: '1234' }),
    await use(3, 'change_booking', { booking: 'B2', time: '20:00' }),
    await use(4, 'cancel_booking', { booking: 'B2' }),
  ];
  for (const { accepted, content } of answers) {
    assert.equal(accepted, true);
    assert.doesNotMatch(content, /secret/);
  }
});

test('only what was found or made in this call can be changed or cancelled', async () => {
  const { book, use } = openDesk();
  book.add({ id: 'secret-old' });
  for (const tool of ['change_booking', 'cancel_booking']) {
    const args = tool === 'change_booking' ? { booking: 'B1', party: 3 } : { booking: 'B1' };
    assert.equal((await use(1, tool, args)).accepted, false);
  }
  await use(2, 'find_booking', { name: 'miller', last_digits: '1234' });
  assert.equal((await use(2, 'change_booking', { booking: 'B1', party: 3 })).accepted, true);
  assert.equal(book.reservations.get('secret-old')?.partySize, 3);
  assert.equal((await use(3, 'cancel_booking', { booking: 'B1' })).accepted, true);
  assert.equal(book.reservations.get('secret-old')?.status, 'cancelled');
  assert.match(
    String((await use(4, 'cancel_booking', { booking: 'B1' })).told.why),
    /cancelled already/,
  );
});

test('a change keeps what it does not name, and is refused where nothing would change', async () => {
  const { book, use } = openDesk();
  book.add({ id: 'secret-old', date: '2026-11-28', time: '19:30', partySize: 2 });
  await use(1, 'find_booking', { name: 'Miller', last_digits: '1234' });
  const same = await use(2, 'change_booking', { booking: 'B1', time: '19:30' });
  assert.match(String(same.told.why), /Nothing would change/);
  await use(3, 'change_booking', { booking: 'B1', time: '20:30' });
  const { date, time, partySize } = book.reservations.get('secret-old') ?? {};
  assert.deepEqual({ date, time, partySize }, { date: '2026-11-28', time: '20:30', partySize: 2 });
});

test('a found booking is told by day, time and party alone', async () => {
  const { book, use } = openDesk();
  book.add({ id: 'secret-old', note: 'allergic to nuts' });
  book.add({ id: 'secret-held', status: 'held' });
  const { told } = await use(1, 'find_booking', { name: 'Miller', last_digits: '1234' });
  assert.deepEqual(told.found, [
    { booking: 'B1', day: 'Saturday 28 November', time: '19:30', party: 2 },
  ]);
  assert.doesNotMatch(JSON.stringify(told), /nuts|1234|Miller/);
});

test('a booking keeps its handle when it is found again', async () => {
  const { book, use } = openDesk();
  book.add({ id: 'secret-old' });
  for (const turn of [1, 2]) {
    const { told } = await use(turn, 'find_booking', { name: 'Miller', last_digits: '1234' });
    assert.equal((told.found as { booking: string }[])[0]?.booking, 'B1');
  }
});

test('three searches in vain are all that a call has', async () => {
  const { book, use } = openDesk();
  book.add({ id: 'secret-old' });
  for (const last_digits of ['1111', '2222', '3333']) {
    await use(1, 'find_booking', { name: 'Miller', last_digits });
  }
  const answer = await use(1, 'find_booking', { name: 'Miller', last_digits: '1234' });
  assert.equal(answer.accepted, false);
  assert.equal(book.count('find'), 3);
});

test('a new wish for the same day takes the place of the old one', async () => {
  const { book, use } = openDesk();
  await use(1, 'hold_table', EVENING);
  const second = await use(2, 'hold_table', { ...EVENING, time: '20:00' });
  assert.equal(second.told.booking, 'B2');
  await settled();
  const statuses = [...book.reservations.values()].map(({ status }) => status);
  assert.deepEqual(statuses, ['cancelled', 'held']);
  assert.equal((await use(3, 'confirm_booking', { booking: 'B1' })).accepted, false);
  assert.equal((await use(3, 'confirm_booking', { booking: 'B2' })).accepted, true);
});

test('two days may be held at once; with a third the oldest gives way', async () => {
  const { book, use } = openDesk();
  for (const [turn, wish] of [EVENING, SATURDAY, SUNDAY].entries()) {
    await use(turn, 'hold_table', wish);
  }
  await settled();
  const statuses = [...book.reservations.values()].map(({ status }) => status);
  assert.deepEqual(statuses, ['cancelled', 'held', 'held']);
});

test('the same wish again is the same hold, and can be confirmed at once', async () => {
  const { book, use } = openDesk();
  await use(1, 'hold_table', EVENING);
  assert.equal((await use(2, 'hold_table', EVENING)).told.booking, 'B1');
  assert.equal((await use(2, 'confirm_booking', { booking: 'B1' })).accepted, true);
  const again = await use(3, 'hold_table', EVENING);
  assert.match(String(again.told.why), /booked already, as B1/);
  assert.equal(book.count('hold'), 1);
});

test('a table that only the own hold takes is said to be so', async () => {
  const book = new MemoryBook({ tables: 1, now: () => NOON });
  const { use } = openDesk({ book });
  await use(1, 'hold_table', EVENING);
  const answer = await use(2, 'hold_table', { ...EVENING, party: 5 });
  assert.match(String(answer.told.why), /B1 at 19:30 is still held/);
  assert.match(String(answer.told.say), /18:00, 21:00.*gives B1 up/);
});

test('three bookings are all that a call may make', async () => {
  const { desk, book, use } = openDesk();
  for (const [index, wish] of [EVENING, SATURDAY, SUNDAY].entries()) {
    await use(2 * index, 'hold_table', wish);
    await use(2 * index + 1, 'confirm_booking', { booking: `B${index + 1}` });
  }
  assert.equal(desk.reservationIds.length, 3);
  assert.equal((await use(9, 'hold_table', { ...EVENING, date: '2026-12-01' })).accepted, false);
  assert.equal(book.count('hold'), 3);
});

test('of two held tables the second is refused once three are booked', async () => {
  const { book, use } = openDesk();
  for (const [index, wish] of [EVENING, SATURDAY].entries()) {
    await use(2 * index, 'hold_table', wish);
    await use(2 * index + 1, 'confirm_booking', { booking: `B${index + 1}` });
  }
  await use(5, 'hold_table', SUNDAY);
  await use(6, 'hold_table', { ...EVENING, date: '2026-12-01' });
  assert.equal((await use(7, 'confirm_booking', { booking: 'B3' })).accepted, true);
  assert.equal((await use(7, 'confirm_booking', { booking: 'B4' })).accepted, false);
  assert.equal(book.count('confirm'), 3);
});

test('a refusal of the book names the reason and what else there is', async () => {
  const book = new MemoryBook({ tables: 0 });
  const { use } = openDesk({ book });
  const full = await use(1, 'check_availability', { date: 'friday', time: '7:30 pm', party: 4 });
  assert.deepEqual(full.told, {
    done: false,
    why: 'There is no free table on Friday 27 November at 19:30 for 4.',
    say: 'Offer another time: 18:00, 21:00.',
  });
  book.availability = async () => ({ done: false, reason: 'past' });
  const past = await use(2, 'check_availability', { date: '2023-11-27', time: '19:30', party: 4 });
  assert.match(String(past.told.why), /today is Friday 27 November, 2026-11-27, 12:00/);
});

test('the same tool with the same arguments in the same turn is done once', async () => {
  const { desk, book, use } = openDesk();
  const answers = await Promise.all([
    use(1, 'hold_table', EVENING),
    use(1, 'hold_table', { name: 'Miller', party: '4', time: '7:30pm', date: 'today' }),
    use(1, 'hold_table', EVENING),
  ]);
  assert.equal(new Set(answers.map(({ content }) => content)).size, 1);
  assert.equal(book.count('hold'), 1);
  assert.deepEqual(desk.counts, { hold_table: 1 });
});

test('the key of an operation is made of call, turn, tool and arguments', async () => {
  const { book, use } = openDesk();
  await use(7, 'hold_table', EVENING);
  assert.match(String(book.asked[0]?.key), /^CA1:7:hold_table:[0-9a-f]{16}$/);
});

test('tools are used one at a time and in order', async () => {
  const { book, use } = openDesk();
  book.before = settled;
  const answers = await Promise.all([
    use(1, 'hold_table', EVENING),
    use(2, 'confirm_booking', { booking: 'B1' }),
    use(3, 'cancel_booking', { booking: 'B1' }),
  ]);
  assert.deepEqual(
    answers.map(({ accepted }) => accepted),
    [true, true, true],
  );
  assert.equal(book.mostAtOnce, 1);
});

test('a book that does not answer books nothing, and the model is told so', async () => {
  const { book, errors, use } = openDesk();
  book.before = () => {
    throw new BookUnavailableError('expected an answer, got none');
  };
  const answer = await use(1, 'hold_table', EVENING);
  assert.equal(answer.accepted, false);
  assert.match(String(answer.told.why), /does not answer; nothing is booked/);
  assert.match(String(answer.told.say), /message or a person/);
  assert.equal(errors.length, 1);
});

test('what may have been booked is not said to be, and is asked for again with its key', async () => {
  const { desk, book, use } = openDesk();
  await use(1, 'hold_table', EVENING);
  book.after = () => {
    throw new BookUnavailableError('the connection was lost', { uncertain: true });
  };
  const lost = await use(2, 'confirm_booking', { booking: 'B1' });
  assert.match(String(lost.told.say), /Do NOT say it is confirmed/);
  assert.deepEqual(desk.reservationIds, []);

  // Unreachable since then: what was uncertain stays so.
  book.after = () => undefined;
  book.before = () => {
    throw new BookUnavailableError('no connection');
  };
  const still = await use(3, 'confirm_booking', { booking: 'B1' });
  assert.match(String(still.told.say), /Do NOT say it is confirmed/);

  book.before = () => undefined;
  assert.equal((await use(4, 'confirm_booking', { booking: 'B1' })).accepted, true);
  const keys = book.asked.filter(({ operation }) => operation === 'confirm').map(({ key }) => key);
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
  assert.equal(desk.reservationIds.length, 1);
});

function virtualClock(t: TestContext): VirtualClock {
  const clock = new VirtualClock().install();
  t.after(() => clock.uninstall());
  return clock;
}

test('every answer comes within five seconds, and late work is uncertain', async (t) => {
  const clock = virtualClock(t);
  const { desk, book, use } = openDesk();
  await use(1, 'hold_table', EVENING);
  const gate = Promise.withResolvers<void>();
  book.before = ({ operation }) => (operation === 'confirm' ? gate.promise : undefined);
  const answer = use(2, 'confirm_booking', { booking: 'B1' });
  await clock.advance(4_999);
  assert.equal(clock.pending, 1);
  await clock.advance(1);
  assert.match(String((await answer).told.say), /Do NOT say it is confirmed/);
  assert.equal(clock.pending, 0);

  // While it hangs, nothing else is begun at the book; but messages are taken and people called.
  const other = await use(3, 'hold_table', SATURDAY);
  assert.match(String(other.told.why), /does not answer/);
  assert.equal(book.count('hold'), 1);
  assert.equal((await use(3, 'take_message', { text: 'Please call back.' })).accepted, true);
  assert.equal((await use(3, 'transfer_to_staff', {})).accepted, true);

  // It was done after all: the call's record knows it, and the caller can be told.
  gate.resolve();
  await settled();
  assert.equal(desk.reservationIds.length, 1);
  const again = await use(4, 'confirm_booking', { booking: 'B1' });
  assert.match(String(again.told.why), /booked already/);
  assert.equal(book.mostAtOnce, 1);
});

test('a hold that comes too late cannot be confirmed: nobody read it back', async (t) => {
  const clock = virtualClock(t);
  const { book, use } = openDesk();
  const gate = Promise.withResolvers<void>();
  book.before = ({ operation }) => (operation === 'hold' ? gate.promise : undefined);
  const answer = use(1, 'hold_table', EVENING);
  await clock.advance(5_000);
  assert.equal((await answer).accepted, false);
  gate.resolve();
  await settled();
  assert.equal((await use(2, 'confirm_booking', { booking: 'B1' })).accepted, false);
  // The same wish again is the same hold, now read back.
  assert.equal((await use(2, 'hold_table', EVENING)).told.booking, 'B1');
  assert.equal((await use(3, 'confirm_booking', { booking: 'B1' })).accepted, true);
  assert.equal(book.reservations.size, 1);
});

test('who waits in line for too long is told so, and it is never done', async (t) => {
  const clock = virtualClock(t);
  const gate = Promise.withResolvers<void>();
  const { book, use } = openDesk({ takeMessage: () => gate.promise });
  const first = use(1, 'take_message', { text: 'Hello' });
  await clock.advance(10);
  const second = use(1, 'hold_table', EVENING);
  const many = Array.from({ length: 8 }, (_, index) =>
    use(2, 'hold_table', { ...EVENING, party: index + 1 }),
  );
  assert.match(String((await many[7])?.told.why), /Too much/);
  await clock.advance(4_990);
  assert.match(String((await first).told.why), /not certain that the message/);
  for (const { told } of [await second, ...(await Promise.all(many))]) {
    assert.match(String(told.why), /Too much .* nothing was done/);
  }
  assert.equal(clock.pending, 0);
  assert.equal(book.count('hold'), 0);

  // Nothing was done, so that asking once more does it.
  assert.equal((await use(1, 'hold_table', EVENING)).accepted, true);
});

test('who waits in line for a moment is served', async (t) => {
  const clock = virtualClock(t);
  const gate = Promise.withResolvers<void>();
  const { use } = openDesk({ takeMessage: () => gate.promise });
  const first = use(1, 'take_message', { text: 'Hello' });
  const second = use(1, 'hold_table', EVENING);
  await clock.advance(2_000);
  gate.resolve();
  assert.equal((await first).accepted, true);
  assert.equal((await second).accepted, true);
});

test('messages are taken with name and number, three a call', async () => {
  const { messages, use } = openDesk();
  await use(1, 'take_message', { text: 'A cake\nfor Sunday', name: 'Ann', phone: '030 123 45 67' });
  await use(1, 'take_message', { text: 'Call me', destination: 'Kitchen' });
  await use(2, 'take_message', { text: 'And again' });
  assert.equal((await use(3, 'take_message', { text: 'No more' })).accepted, false);
  assert.deepEqual(messages, [
    { text: 'A cake for Sunday', name: 'Ann', phone: '+49301234567' },
    { text: 'Call me', phone: CALLER, destination: 'kitchen' },
    { text: 'And again', phone: CALLER },
  ]);
});

test('a message has at most 500 characters, and one that is not kept is not said to be', async () => {
  const { messages, use } = openDesk({
    takeMessage: async () => {
      throw new Error('the disk is full');
    },
  });
  assert.match(
    String((await use(1, 'take_message', { text: 'x'.repeat(501) })).told.why),
    /at most 500 characters/,
  );
  assert.match(String((await use(2, 'take_message', { text: 'Hello' })).told.why), /was not taken/);
  assert.equal(messages.length, 0);
});

test('of a message that may or may not be kept the model is told just that', async () => {
  const { use } = openDesk({
    takeMessage: async () => {
      throw new MessageUncertainError('expected it to be kept in time');
    },
  });
  const { accepted, told } = await use(1, 'take_message', { text: 'Hello' });
  assert.equal(accepted, false);
  assert.match(String(told.why), /not certain that the message/);
});

test('a withheld number is not kept as a phone number', async () => {
  for (const callerPhone of ['anonymous', '+266696687', '']) {
    const { book, use } = openDesk({ callerPhone });
    await use(1, 'hold_table', EVENING);
    const [reservation] = book.reservations.values();
    assert.equal(reservation?.name, 'Miller');
    assert.equal(reservation?.phone, undefined);
  }
});

test('a call is given to people of the profile only, with a brief without numbers', async () => {
  const { desk, use } = openDesk();
  await use(1, 'hold_table', EVENING);
  await use(2, 'confirm_booking', { booking: 'B1' });
  for (const destination of [MANAGER, 'owner', '__proto__', 'constructor', 'toString']) {
    const refused = await use(3, 'transfer_to_staff', { destination });
    assert.equal(refused.effect, undefined);
    assert.match(String(refused.told.why), /manager, kitchen/);
  }
  const reason = 'a <b>birthday</b> for 20; call +49 151 12345678!';
  const { effect, content } = await use(4, 'transfer_to_staff', { destination: 'Manager', reason });
  assert.deepEqual(effect, {
    type: 'transfer',
    destination: 'manager',
    brief:
      'Miller is on the line; about: a b birthday b for 20 call; booked: Friday 27 November at 19:30 for 4.',
  });
  assert.equal(desk.brief, effect?.type === 'transfer' && effect.brief);
  assert.doesNotMatch(content, /\d{5}/);
});

test('without a destination the usual person takes over', async () => {
  const { effect } = await openDesk().use(1, 'transfer_to_staff');
  assert.deepEqual(effect, {
    type: 'transfer',
    destination: 'manager',
    brief: 'A caller is on the line.',
  });
});

test('who cannot be reached now is not called, and it is said when that is', async () => {
  const profile = profileWith({
    exceptions: [{ date: '2026-11-27', open: [] }],
    staff: {
      kitchen: { number: '+493012345671', purpose: 'allergies' },
      office: {
        number: '+493012345672',
        purpose: 'events',
        hours: { ...everyDay([]), monday: [{ from: '09:00', to: '12:00' }] },
      },
      nobody: { number: '+493012345673', purpose: 'none', hours: everyDay([]) },
    },
  });
  const { use } = openDesk({ profile });
  const when = async (destination: string) =>
    (await use(1, 'transfer_to_staff', { destination })).told;
  assert.deepEqual(await when('office'), {
    done: false,
    why: 'office cannot be reached now. It is again on Monday 30 November from 09:00.',
    say: 'Say so, and offer to take a message.',
  });
  assert.match(String((await when('kitchen')).why), /again on Saturday 28 November from 18:00/);
  assert.equal((await when('nobody')).why, 'nobody cannot be reached now.');
});

test('ending the call and changing the language are effects', async () => {
  const { use } = openDesk();
  assert.deepEqual((await use(1, 'end_call')).effect, { type: 'endCall' });
  for (const language of ['de', 'German', 'DE']) {
    const { effect } = await use(1, 'switch_language', { language });
    assert.deepEqual(effect, { type: 'speakLanguage', language: 'de' });
  }
  assert.equal((await use(1, 'switch_language', { language: 'fr' })).effect, undefined);
});

test('counts say how often each tool was used, and how often in vain', async () => {
  const { desk, use } = openDesk();
  await use(1, 'hold_table', EVENING);
  await use(1, 'hold_table', { ...EVENING, party: 'many' });
  await use(1, 'confirm_booking', { booking: 'B1' });
  await use(1, 'dial_number', { number: '+1900' });
  assert.deepEqual(desk.counts, {
    hold_table: 2,
    'hold_table.refused': 1,
    confirm_booking: 1,
    'confirm_booking.refused': 1,
    unknown: 1,
    'unknown.refused': 1,
  });
});

test('the tools are described the same for every call, shortly, with names of the profile', () => {
  const json = JSON.stringify(toolDescriptions(PROFILE));
  assert.equal(json, JSON.stringify(toolDescriptions(structuredClone(PROFILE))));
  assert.ok(json.length < 3_600, `${json.length} characters`);
  const names = toolDescriptions(PROFILE).map((each) => each.function.name);
  assert.equal(names.length, 10);
  assert.match(json, /"destination":\{"type":"string","enum":\["manager","kitchen"\]\}/);
  assert.match(json, /"language":\{"type":"string","enum":\["en","de"\]\}/);
  assert.doesNotMatch(json, /\+?\d{5}/);
});

test('what a restaurant does not have is not offered', async () => {
  const profile = profileWith();
  const names = toolDescriptions(profile).map((each) => each.function.name);
  assert.ok(!names.includes('transfer_to_staff') && !names.includes('switch_language'));
  assert.doesNotMatch(JSON.stringify(toolDescriptions(profile)), /destination/);
  const { use } = openDesk({ profile });
  assert.equal((await use(1, 'transfer_to_staff', {})).accepted, false);
  assert.equal((await use(1, 'switch_language', { language: 'en' })).accepted, false);
});

test('a booking is made, found by another call, moved and cancelled in the database', async (t) => {
  const database = await (await freshSqlite(t)).open();
  const book = new Bookings({ database, profile: PROFILE, now: () => NOON });
  const first = openDeskWith(book);
  await first.use(1, 'hold_table', EVENING);
  assert.equal((await first.use(2, 'confirm_booking', { booking: 'B1' })).accepted, true);

  const second = openDeskWith(book, { callSid: 'CA2' });
  const last_digits = CALLER.slice(-4);
  const found = await second.use(1, 'find_booking', { name: 'miller', last_digits });
  assert.equal((found.told.found as unknown[]).length, 1);
  const moved = await second.use(2, 'change_booking', { booking: 'B1', time: '8 pm' });
  assert.match(String(moved.told.say), /now Friday 27 November at 20:00 for 4/);
  assert.equal((await second.use(3, 'cancel_booking', { booking: 'B1' })).accepted, true);
  const again = await second.use(4, 'find_booking', { name: 'Miller', last_digits });
  assert.equal(again.accepted, false);
});

test('the desk of another life goes on where the last one was, by the same handles', async (t) => {
  const database = await (await freshSqlite(t)).open();
  const book = new Bookings({ database, profile: PROFILE, now: () => NOON });
  let state: string | undefined;
  const onChange = (json: string) => {
    state = json;
  };
  const first = openDeskWith(book, { onChange });
  await first.use(1, 'hold_table', EVENING);
  await first.use(1, 'take_message', { text: 'A window, please.' });

  const second = openDeskWith(book, { onChange, earlier: Promise.resolve(state) });
  assert.equal((await second.use(1, 'confirm_booking', { booking: 'B1' })).accepted, false);
  const again = await second.use(2, 'hold_table', EVENING);
  assert.equal(again.told.booking, 'B1', 'what is held is not held twice');
  assert.equal((await second.use(3, 'confirm_booking', { booking: 'B1' })).accepted, true);

  const third = openDeskWith(book, { earlier: Promise.resolve(state) });
  assert.equal((await third.use(4, 'confirm_booking', { booking: 'B1' })).accepted, false);
  const moved = await third.use(4, 'change_booking', { booking: 'B1', time: '20:00' });
  assert.equal(moved.accepted, true);
  assert.equal(third.desk.reservationIds.length, 1);
  assert.equal(third.desk.counts.confirm_booking, 3);
  assert.match(third.desk.brief, /Miller/);
  const rows = await database.db.selectFrom('reservations').select(['status', 'time']).execute();
  assert.deepEqual(rows, [{ status: 'confirmed', time: '20:00' }]);
});

test('a tool that was at work when its life ended is done once, whoever asks', async (t) => {
  const database = await (await freshSqlite(t)).open();
  const book = new Bookings({ database, profile: PROFILE, now: () => NOON });
  await openDeskWith(book).use(1, 'hold_table', EVENING);
  const next = openDeskWith(book, { earlier: Promise.resolve(undefined) });
  const held = await next.use(1, 'hold_table', EVENING);
  assert.equal(held.told.booking, 'B1');
  assert.equal((await next.use(2, 'confirm_booking', { booking: 'B1' })).accepted, true);
  const rows = await database.db.selectFrom('reservations').select('status').execute();
  assert.deepEqual(rows, [{ status: 'confirmed' }]);
});

test('a desk whose earlier state cannot be read works without it, and says so', async () => {
  for (const earlier of [Promise.reject(new Error('gone')), Promise.resolve('{"half')]) {
    const { errors, use } = openDesk({ earlier });
    assert.equal((await use(1, 'hold_table', EVENING)).accepted, true);
    assert.equal(errors.length, 1);
  }
});
