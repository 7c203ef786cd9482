import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contactPhone } from '../src/restaurant/contact-phone.ts';
import { dateOfWord } from '../src/restaurant/spoken-day.ts';
import { staffReason } from '../src/restaurant/staff-brief.ts';
import { timeOfDay } from '../src/restaurant/time-of-day.ts';
import { readArguments } from '../src/restaurant/tool-arguments.ts';
import { toolsOf } from '../src/restaurant/toolbox.ts';
import { EVENING, PROFILE } from './support/open-desk.ts';
import { profileWith } from './support/restaurant-profile.ts';

const FRIDAY = '2026-11-27';

function read(name: string, given: unknown) {
  const tool = toolsOf(PROFILE).get(name);
  assert.ok(tool);
  const json = typeof given === 'string' ? given : JSON.stringify(given);
  return readArguments(tool, json, FRIDAY);
}

function why(name: string, given: unknown): string {
  const result = read(name, given);
  assert.ok(!result.ok, 'expected a refusal');
  return result.why;
}

test('times are taken in the forms that models write, and doubtful ones are not', () => {
  const same = ['19:30', '19.30', '19h30', '1930', '7:30 pm', '7.30pm', '7:30 P.M.', '19:30:00'];
  for (const said of same) assert.equal(timeOfDay(said), '19:30', said);
  assert.equal(timeOfDay(1930), '19:30');
  assert.equal(timeOfDay(19), '19:00');
  assert.equal(timeOfDay('7pm'), '19:00');
  assert.equal(timeOfDay('19h'), '19:00');
  assert.equal(timeOfDay('07:30'), '07:30');
  assert.equal(timeOfDay('12 am'), '00:00');
  assert.equal(timeOfDay('12:15 pm'), '12:15');
  assert.equal(timeOfDay('noon'), '12:00');
  const doubtful = ['7:30', '7', 7, 19.3, '24:00', '19:60', '13 pm', '0 am', 'half past seven', ''];
  for (const said of doubtful) assert.equal(timeOfDay(said), undefined, String(said));
});

test('words for days become dates of the restaurant', () => {
  assert.equal(dateOfWord('today', FRIDAY), FRIDAY);
  assert.equal(dateOfWord('Tonight', FRIDAY), FRIDAY);
  assert.equal(dateOfWord('tomorrow', '2026-12-31'), '2027-01-01');
  assert.equal(dateOfWord('Friday', FRIDAY), FRIDAY);
  assert.equal(dateOfWord('this saturday', FRIDAY), '2026-11-28');
  assert.equal(dateOfWord('thursday', FRIDAY), '2026-12-03');
  for (const said of ['next friday', 'someday', '', 'constructor']) {
    assert.equal(dateOfWord(said, FRIDAY), undefined, said);
  }
});

test('values of the wrong type that can mean one thing only are taken', () => {
  const expected = read('hold_table', EVENING);
  assert.ok(expected.ok);
  const same: unknown[] = [
    { ...EVENING, party: '4' },
    { ...EVENING, party: 'four' },
    { ...EVENING, party: '4 people' },
    { ...EVENING, party: 4.0, note: null, phone: '' },
    { name: ' Miller ', time: '7:30 pm', party: 4, date: 'friday' },
    JSON.stringify(JSON.stringify(EVENING)),
  ];
  for (const given of same) assert.deepEqual(read('hold_table', given), expected);
});

test('a phone number that was given whole has its last digits in it', () => {
  for (const last_digits of ['1234', 1234, '030 123 1234', '+49-30-1231234']) {
    const result = read('find_booking', { name: 'Ann', last_digits });
    assert.deepEqual(result.ok && result.args, { name: 'Ann', last_digits: '1234' });
  }
  assert.match(why('find_booking', { name: 'Ann', last_digits: 12 }), /last four digits/);
});

test('a refusal says what is missing or wrong, and what today is where a date is', () => {
  const { party, ...rest } = EVENING;
  assert.equal(why('hold_table', rest), '"party" is missing: ask the caller.');
  assert.match(why('hold_table', { ...EVENING, party: 'many' }), /"party": .*whole number/);
  assert.match(why('hold_table', { ...EVENING, party: 0 }), /ask how many/);
  assert.match(why('hold_table', { ...EVENING, time: '7:30' }), /24 hours.*morning or evening/);
  assert.match(
    why('hold_table', { ...EVENING, date: 'next friday' }),
    /YYYY-MM-DD; today is Friday 27 November, 2026-11-27/,
  );
  assert.match(why('hold_table', { ...EVENING, date: '2026-02-30' }), /YYYY-MM-DD/);
});

test('what a model writes when it has no name is no name', () => {
  for (const name of ['unknown', 'Caller', 'N/A', 'n.a.', '', '<name>', '+4915112345678', '...']) {
    assert.match(why('hold_table', { ...EVENING, name }), /name/, name);
  }
  for (const name of ['Ann', "O'Brien", 'Mr. & Mrs. Müller-Lüdenscheidt', '山田', 'Zoë']) {
    assert.ok(read('hold_table', { ...EVENING, name }).ok, name);
  }
});

test('arguments that a tool does not have are refused by name', () => {
  assert.match(why('hold_table', { ...EVENING, table: 7 }), /no argument "table"/);
  assert.match(why('end_call', { reason: 'done' }), /no argument "reason"/);
  const long = why('end_call', { [`x${'y9'.repeat(400)}`]: 1, '+4915112345678': 2 });
  assert.ok(long.length < 100 && !/\d/.test(long), long);
});

test('nothing at all means no arguments', () => {
  for (const json of ['', ' ', 'null', '{}', '"{}"']) assert.ok(read('end_call', json).ok, json);
});

test('text that is no object, too long, or nested without end is refused', () => {
  const texts = [
    '[]',
    '4',
    'true',
    '"text"',
    '{',
    'date=friday',
    '\u0000',
    '['.repeat(16_000),
    `{"date":${'['.repeat(8_000)}${']'.repeat(8_000)}}`,
    `{"a":"${'x'.repeat(16_384)}"}`,
    `{"a":"${'é'.repeat(9_000)}"}`,
  ];
  for (const json of texts) assert.ok(!read('check_availability', json).ok, json.slice(0, 20));
});

test('keys that mean something to JavaScript mean nothing here', () => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const json = `{"${key}":{"party":9},"date":"friday","time":"19:30","party":4}`;
    assert.match(why('check_availability', json), /no argument/);
  }
  assert.equal(({} as { party?: number }).party, undefined);
});

test('of a key that comes twice the last counts, and counts everywhere', () => {
  const twice = read('check_availability', '{"party":9,"date":"friday","time":"19:30","party":4}');
  const once = read('check_availability', '{"date":"2026-11-27","time":"19:30","party":4}');
  assert.deepEqual(twice, once);
});

test('phone numbers are read in the country of the restaurant, or kept as digits', () => {
  assert.equal(contactPhone('030 1234567', PROFILE), '+49301234567');
  assert.equal(contactPhone('0151-12345678', PROFILE), '+4915112345678');
  assert.equal(contactPhone('+1 (202) 555-0123', PROFILE), '+12025550123');
  assert.equal(contactPhone('12 34', PROFILE), '1234');
  assert.equal(contactPhone('202 555 0123', profileWith()), '2025550123');
  assert.equal(contactPhone('12', PROFILE), undefined);
  assert.equal(contactPhone('1'.repeat(40), PROFILE), undefined);
});

test('the reason that a person hears is plain, short, and has no long number in it', () => {
  assert.equal(staffReason('Wine: 2 bottles, please!'), 'Wine 2 bottles, please');
  assert.equal(staffReason('card 4111 1111 1111 1111 exp 12'), 'card exp 12');
  assert.equal(staffReason('<Say>hi</Say> https://evil.example'), 'Say hi Say https evil.example');
  assert.ok(staffReason('long '.repeat(100)).length <= 120);
  assert.equal(staffReason('{}"\u0000'), '');
});
