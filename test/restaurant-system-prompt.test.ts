import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { momentNote } from '../src/restaurant/moment-note.ts';
import { loadProfile } from '../src/restaurant/profile-file.ts';
import { systemPrompt } from '../src/restaurant/system-prompt.ts';
import { everyDay, profileWith } from './support/restaurant-profile.ts';

const PERSON = { number: '+49309876543', purpose: 'complaints and groups' };
const RICH = {
  menu: [
    { name: 'Margherita', description: 'with basil', price: '11 euros', allergens: ['gluten'] },
    { name: 'Green salad' },
  ],
  policies: ['Dogs are welcome.', 'Cards are taken.'],
  staff: { manager: PERSON, cook: { ...PERSON, purpose: 'food' } },
  languages: { en: {}, de: {}, 'fr-CA': {} },
  exceptions: [{ date: '2026-12-24', name: 'Christmas Eve', open: [] }],
  reservations: { maxPartySize: 7, horizonDays: 45, leadMinutes: 90, lastSeatingMinutes: 75 },
};
const TOOLS = [
  'check_availability',
  'hold_table',
  'confirm_booking',
  'find_booking',
  'change_booking',
  'cancel_booking',
  'take_message',
  'transfer_to_staff',
  'switch_language',
  'end_call',
];

test('the prompt is the same for every call of a language, and differs between languages', () => {
  const first = systemPrompt(profileWith(RICH), { language: 'en' });
  assert.equal(systemPrompt(profileWith(RICH), { language: 'en' }), first);
  const german = systemPrompt(profileWith(RICH), { language: 'de' });
  assert.match(first, /Speak English\./);
  assert.match(german, /Speak German\./);
});

test('the prompt does not depend on the moment at which it is made', (t) => {
  const profile = profileWith(RICH);
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-12-24T19:00:00Z') });
  const first = systemPrompt(profile, { language: 'en' });
  t.mock.timers.setTime(Date.parse('2027-07-03T04:05:06Z'));
  assert.equal(systemPrompt(profile, { language: 'en' }), first);
  assert.doesNotMatch(first, /2026|2027|Christmas/, 'days that differ are told by the note');
});

test('the prompt holds every fact of the profile', () => {
  const prompt = systemPrompt(profileWith(RICH), { language: 'en' });
  for (const fact of [
    'Trattoria Aurora',
    '12 Harbour Street',
    'every day 18:00 to 22:00',
    '1 to 7 people',
    '90 minutes to 45 days ahead',
    'every 15 minutes',
    '75 minutes before closing',
    '120 minutes',
    'Margherita, with basil, 11 euros (gluten)',
    'Green salad',
    'Dogs are welcome.',
    'Cards are taken.',
    'manager: complaints and groups',
    'cook: food',
    'German (de)',
    'Canadian French (fr-CA)',
  ]) {
    assert.ok(prompt.includes(fact), fact);
  }
});

test('the prompt names every tool, and those that are not offered not at all', () => {
  const all = systemPrompt(profileWith(RICH), { language: 'en' });
  assert.deepEqual(
    TOOLS.filter((tool) => !all.includes(tool)),
    [],
  );
  const plain = systemPrompt(profileWith(), { language: 'en' });
  assert.deepEqual(
    TOOLS.filter((tool) => !plain.includes(tool)),
    ['transfer_to_staff', 'switch_language'],
  );
  assert.doesNotMatch(plain, /Menu|Policies|Allergies|\bperson\b/);
});

test('no phone number of the staff is in the prompt or in the note', () => {
  const digits = fc.integer({ min: 1_000_000, max: 99_999_999_999_999 }).map(String);
  fc.assert(
    fc.property(digits, (number) => {
      const profile = profileWith({ staff: { boss: { ...PERSON, number: `+${number}` } } });
      const said = systemPrompt(profile, { language: 'en' }) + momentNote(profile, 0);
      assert.ok(!said.includes(number));
    }),
    { numRuns: 30 },
  );
});

test('the prompt of the sample is short enough to be read before the first answer', () => {
  const prompt = systemPrompt(loadProfile({ env: {} }), { language: 'en' });
  // Llama 3 makes a token of some four characters of this text: 900 tokens at most.
  assert.ok(prompt.length < 900 * 4, `${prompt.length} characters`);
});

test('hours are told by days that have the same, and what is closed comes last', () => {
  const lunch = { from: '12:00', to: '14:30' };
  const dinner = { from: '18:00', to: '22:00' };
  const hoursOf = (hours: object) =>
    /Opening hours: (.*?)\. The note/.exec(
      systemPrompt(profileWith({ hours }), { language: 'en' }),
    )?.[1];
  assert.equal(
    hoursOf({ ...everyDay([dinner, lunch]), monday: [] }),
    'Tuesday to Sunday 12:00 to 14:30 and 18:00 to 22:00; closed on Monday',
  );
  assert.equal(
    hoursOf({ monday: [lunch], tuesday: [lunch], friday: [dinner] }),
    'Monday and Tuesday 12:00 to 14:30; Friday 18:00 to 22:00; ' +
      'closed on Wednesday, Thursday, Saturday and Sunday',
  );
  assert.equal(hoursOf({}), 'closed every day');
});

test('the note tells date and time where the restaurant is, and until when it is open', () => {
  const profile = profileWith();
  const noteAt = (moment: string) => momentNote(profile, Date.parse(moment));
  assert.match(
    noteAt('2026-12-03T18:05:00Z'),
    /^\(It is Thursday 3 December, 2026-12-03, 19:05\. The restaurant is open until 22:00\./,
  );
  assert.match(noteAt('2026-12-03T08:00:00Z'), /closed now; its hours today are 18:00 to 22:00\./);
  const closed = profileWith({ exceptions: [{ date: '2026-12-03', open: [] }] });
  assert.match(
    momentNote(closed, Date.parse('2026-12-03T18:00Z')),
    /The restaurant is closed today\./,
  );
});

test('the note names the date of each of the next seven days', () => {
  const note = momentNote(profileWith(), Date.parse('2026-12-28T12:00Z'));
  assert.match(
    note,
    /Dates: tomorrow, Tuesday 2026-12-29, Wednesday 2026-12-30, Thursday 2026-12-31, Friday 2027-01-01, .*Monday 2027-01-04\.\)$/,
  );
});

test('the note names the days that differ within two weeks, in a second line', () => {
  const profile = profileWith({
    exceptions: [
      { date: '2026-12-24', until: '2026-12-26', name: 'Christmas', open: [] },
      { date: '2026-12-31', open: [{ from: '18:00', to: '01:00' }] },
      { date: '2026-12-25', name: 'Christmas Day', open: [{ from: '12:00', to: '15:00' }] },
    ],
  });
  const secondLine = (moment: string) => momentNote(profile, Date.parse(moment)).split('\n')[1];
  assert.equal(
    secondLine('2026-12-20T12:00Z'),
    '(Days that differ: Thursday 24 December (Christmas) closed; ' +
      'Friday 25 December (Christmas Day) open 12:00 to 15:00; ' +
      'Saturday 26 December (Christmas) closed; Thursday 31 December open 18:00 to 01:00.)',
  );
  assert.match(
    secondLine('2026-12-10T12:00Z') ?? '',
    /^\(Days that differ: Thursday 24 December \(/,
  );
  assert.equal(secondLine('2026-12-09T12:00Z'), undefined);
  assert.equal(secondLine('2027-01-01T12:00Z'), undefined);
});
