import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { firstLanguage, type Profile, WEEKDAYS } from '../src/restaurant/profile.ts';
import { ProfileError, type ProfileProblem } from '../src/restaurant/profile-error.ts';
import { loadProfile } from '../src/restaurant/profile-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'profile-'));
after(() => rmSync(folder, { recursive: true }));

/** Right as it is; tests put their mistakes into it. Line 1 is `name`. */
const RIGHT = `name: Aurora
address: 12 Harbour Street
timeZone: Europe/Berlin
hours: { daily: "12:00-22:00" }
reservations:
  seating:
    tables: [{ seats: 4, count: 2 }]
`;

const EVENING = [{ from: '18:00', to: '22:00' }];

test('the sample is a restaurant that can open as it is, and dials nobody', () => {
  const profile = loadProfile({ env: {} });
  assert.equal(profile.name, 'Trattoria Aurora');
  assert.deepEqual(profile.staff, {});
  assert.deepEqual(Object.keys(profile.languages), ['en', 'de']);
  assert.deepEqual(profile.hours.monday, []);
  assert.ok(profile.hours.tuesday.length > 0);
  assert.ok(profile.menu.some(({ allergens }) => allergens.length > 0));
  assert.ok(profile.policies.length > 0);
  assert.ok(profile.exceptions.some(({ name }) => name === 'Christmas'));
});

test('the example in the documentation is right', () => {
  const page = readFileSync(new URL('../docs/restaurant.md', import.meta.url), 'utf8');
  const example = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';
  const profile = read(example.replace('+4930…', '+49301234567'));
  assert.equal(profile.defaultStaff, 'manager');
  assert.deepEqual(profile.hours.sunday, [{ from: '12:00', to: '01:00' }]);
});

test('a profile is frozen through and through', () => {
  const profile = loadProfile({ env: {} });
  const unfrozen = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    (!Object.isFrozen(value) || Object.values(value).some(unfrozen));
  assert.equal(unfrozen(profile), false);
  assert.throws(() => profile.hours.monday.push({ from: '10:00', to: '11:00' }), TypeError);
});

test('JSON is read as YAML is, and errors call it JSON', () => {
  const json = JSON.stringify({
    name: 'Aurora',
    address: 'Harbour Street',
    timeZone: 'Europe/Berlin',
    hours: { monday: EVENING },
    reservations: { seating: { guests: 20 } },
  });
  assert.deepEqual(read(json, 'right.json').hours.monday, EVENING);
  const { message } = errorOf('{"name": "Aurora",\n"address": ', 'wrong.json');
  assert.match(message, /wrong\.json:2: expected JSON: /);
  assert.doesNotMatch(message, /YAML/);
});

test('what a file cannot be is named by kind', () => {
  mkdirSync(join(folder, 'folder.yaml'));
  writeFileSync(join(folder, 'binary.yaml'), Uint8Array.of(0x6e, 0xff, 0xfe, 0x80));
  writeFileSync(join(folder, 'large.yaml'), `${RIGHT}#${'x'.repeat(256 * 1024)}`);
  const kindOf = (file: string) => thrownBy({ path: join(folder, file), env: {} }).kind;
  assert.equal(kindOf('nowhere.yaml'), 'missing');
  assert.equal(kindOf('folder.yaml'), 'unreadable');
  assert.equal(kindOf('binary.yaml'), 'unreadable');
  assert.equal(kindOf('large.yaml'), 'tooLarge');
  const { message } = thrownBy({ path: join(folder, 'nowhere.yaml'), env: {} });
  assert.match(
    message,
    /nowhere\.yaml: expected a description of the restaurant; there is no such/,
  );
});

test('text that is no YAML is refused with its line, without the numbers in it', () => {
  const error = errorOf(`${RIGHT}policies: ["Call 0301234567 first" 0301234567]\n`);
  assert.equal(error.kind, 'syntax');
  assert.equal(error.problems[0]?.line, 8);
  assert.doesNotMatch(error.message, /01234567/);
  assert.equal(errorOf('a: 1\n---\nb: 2\n').kind, 'syntax');
  assert.equal(errorOf('a: !odd 1\n').kind, 'syntax');
});

test('neither depth nor aliases make more of a file than it holds', () => {
  const deep = `${RIGHT}policies: ${'['.repeat(40)}${']'.repeat(40)}\n`;
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef']) {
    bomb.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(', ')}]`);
  }
  assert.equal(errorOf(deep).kind, 'syntax');
  assert.equal(errorOf('['.repeat(100_000)).kind, 'syntax');
  assert.equal(errorOf(bomb.join('\n')).kind, 'syntax');
  assert.equal(errorOf('name: &name [*name]\n').kind, 'syntax');
});

test('an alias stands for what it names', () => {
  const text = RIGHT.replace('{ daily: "12:00-22:00" }', '{ mon: &m "12:00-22:00", tue: *m }');
  assert.deepEqual(read(text).hours.tuesday, [{ from: '12:00', to: '22:00' }]);
});

test('an empty file and a list are no restaurant', () => {
  for (const text of ['', '# nothing\n', '- name: Aurora\n', 'Aurora\n']) {
    assert.match(errorOf(text).message, /:1: expected a mapping, got /);
  }
});

const STAFF = '\nstaff:\n  manager:\n';
/** What is written after `RIGHT`, or in place of one of its lines, and what is said of it. */
const MISTAKES: [what: string, text: string, line: number, field: string, message: RegExp][] = [
  [
    'a missing field',
    without('address'),
    1,
    'address',
    /^expected text of 1 to 200.*, got nothing$/,
  ],
  [
    'a missing field of a mapping',
    `${without('seating', 2)}  horizonDays: 9`,
    5,
    'reservations.seating',
    /^expected "tables".*nothing$/,
  ],
  [
    'an empty field',
    changed('name: Aurora', 'name:'),
    1,
    'name',
    /^expected text of 1 to 80.*, got nothing$/,
  ],
  ['a list for text', changed('name: Aurora', 'name: [a, b]'), 1, 'name', /, got a list of 2$/],
  [
    'text too long',
    changed('name: Aurora', `name: ${'x'.repeat(81)}`),
    1,
    'name',
    /, got "x{58}…$/,
  ],
  [
    'markup',
    changed('name: Aurora', 'name: A <break/> B'),
    1,
    'name',
    /^expected text without line breaks/,
  ],
  [
    'a time zone',
    changed('Europe/Berlin', 'Europe/Berlni'),
    3,
    'timeZone',
    /^expected a time zone.*"Europe\/Berlni"$/,
  ],
  [
    'an unknown key',
    `${RIGHT}polices: []`,
    8,
    'polices',
    /^expected one of name, .*; did you mean "policies"\?$/,
  ],
  [
    'an unknown key that resembles nothing',
    `${RIGHT}xyz: []`,
    8,
    'xyz',
    /^expected one of name, [^?]*languages$/,
  ],
  ['an unknown weekday', changed('daily:', 'mondy:'), 4, 'hours.mondy', /did you mean "monday"\?$/],
  [
    'hours in words',
    changed('{ daily: "12:00-22:00" }', 'noon to ten'),
    4,
    'hours',
    /^expected hours such as.*"noon to ten"$/,
  ],
  [
    'times of a day',
    changed('12:00-22:00', '12-22'),
    4,
    'hours.daily',
    /^expected times such as .*"12-22"$/,
  ],
  ['an hour too many', changed('12:00-22:00', '12:00-25:00'), 4, 'hours.daily', /^expected times/],
  [
    'an interval of nothing',
    changed('12:00-22:00', '12:00-12:00'),
    4,
    'hours.daily',
    /^expected times/,
  ],
  [
    'overlapping hours',
    changed('12:00-22:00', '12:00-18:00, 17:00-22:00'),
    4,
    'hours.monday',
    /^expected intervals that do not overlap/,
  ],
  [
    'a day given twice',
    changed('{ daily: "12:00-22:00" }', '{ mon-wed: closed, wed-fri: closed }'),
    4,
    'hours.wed-fri',
    /"mon-wed" has wednesday already$/,
  ],
  [
    'a bad time in the long form',
    changed('{ daily: "12:00-22:00" }', '\n  monday:\n    - { from: "9:00", to: "22:00" }'),
    6,
    'hours.monday.0.from',
    /^expected a time such as "18:30", got "9:00"$/,
  ],
  [
    'an interval without an end',
    changed('{ daily: "12:00-22:00" }', '\n  monday:\n    - { from: "09:00" }'),
    6,
    'hours.monday.0.to',
    /, got nothing$/,
  ],
  [
    'a day that is not in the calendar',
    `${RIGHT}exceptions:\n  - date: 2027-02-29\n    open: closed`,
    9,
    'exceptions.0.date',
    /^expected a date such as/,
  ],
  [
    'an exception that ends before it begins',
    `${RIGHT}exceptions:\n  - date: 2026-12-26\n    until: 2026-12-24\n    open: closed`,
    10,
    'exceptions.0.until',
    /^expected a day that is not before "date", got "2026-12-24"$/,
  ],
  [
    'an exception without hours',
    `${RIGHT}exceptions:\n  - date: 2026-12-26`,
    9,
    'exceptions.0.open',
    /, got nothing$/,
  ],
  [
    'hours of an exception',
    `${RIGHT}exceptions:\n  - date: 2026-12-26\n    open: noon`,
    10,
    'exceptions.0.open',
    /^expected times such as.*"noon"$/,
  ],
  [
    'a slot length',
    `${RIGHT}  slotMinutes: 20`,
    8,
    'reservations.slotMinutes',
    /^expected 15, 30 or 60, got 20$/,
  ],
  [
    'a stay that is no multiple',
    `${RIGHT}  stayMinutes: 100`,
    8,
    'reservations.stayMinutes',
    /^expected a multiple of slotMinutes \(15\), got 100$/,
  ],
  [
    'a number out of range',
    `${RIGHT}  horizonDays: 0`,
    8,
    'reservations.horizonDays',
    /^expected a whole number from 1 to 730, got 0$/,
  ],
  [
    'half a guest',
    `${RIGHT}  maxPartySize: 2.5`,
    8,
    'reservations.maxPartySize',
    /^expected a whole number from 1 to 100, got 2.5$/,
  ],
  [
    'a number in words',
    `${RIGHT}  maxPartySize: eight`,
    8,
    'reservations.maxPartySize',
    /^expected a whole number.*"eight"$/,
  ],
  [
    'two kinds of seating',
    changed('    tables', '    guests: 20\n    tables'),
    7,
    'reservations.seating',
    /^expected "tables".*or "guests"/,
  ],
  [
    'a table without seats',
    changed('seats: 4, ', ''),
    7,
    'reservations.seating.tables.0.seats',
    /^expected a whole number from 1 to 50, got nothing$/,
  ],
  [
    'no tables',
    changed('[{ seats: 4, count: 2 }]', '[]'),
    7,
    'reservations.seating.tables',
    /^expected a list of 1 to 20 entries, got a list of 0$/,
  ],
  [
    'a phone number without country',
    `${RIGHT}${STAFF}    { number: 0301234567, purpose: all }`,
    11,
    'staff.manager.number',
    /^expected a phone number with country code.*, got "\*{8}67"$/,
  ],
  [
    'a phone number with spaces',
    `${RIGHT}${STAFF}    { number: +49 30 1234567, purpose: all }`,
    11,
    'staff.manager.number',
    /, got "\+\*\* \*\* \*{5}67"$/,
  ],
  [
    'a phone number in place of a person',
    `${RIGHT}\nstaff:\n  manager: "+493012345"`,
    10,
    'staff.manager',
    /^expected a mapping, got "\+\*{7}45"$/,
  ],
  [
    'a person without a purpose',
    `${RIGHT}${STAFF}    number: +49301234567`,
    10,
    'staff.manager.purpose',
    /^expected text of 1 to 160.*nothing$/,
  ],
  [
    'hours of a person',
    `${RIGHT}${STAFF}    number: +49301234567\n    purpose: all\n    hours: never`,
    13,
    'staff.manager.hours',
    /^expected hours such as.*"never"$/,
  ],
  [
    'an unknown weekday of a person',
    `${RIGHT}${STAFF}    number: +49301234567\n    purpose: all\n    hours: { mondy: closed }`,
    13,
    'staff.manager.hours.mondy',
    /did you mean "monday"/,
  ],
  [
    'a name of a person',
    `${RIGHT}\nstaff:\n  Head Waiter: { number: +49301234567, purpose: all }`,
    10,
    'staff.Head Waiter',
    /^expected a name such as manager; got "Head Waiter"$/,
  ],
  [
    'somebody unknown by default',
    `${RIGHT}defaultStaff: boss`,
    8,
    'defaultStaff',
    /^expected the name of somebody under staff \(nobody is\), got "boss"$/,
  ],
  [
    'a language',
    `${RIGHT}languages:\n  german: {}`,
    9,
    'languages.german',
    /^expected a language such as en or en-GB; got "german"$/,
  ],
  ['no language', `${RIGHT}languages: {}`, 8, 'languages', /^expected at least one language/],
  [
    'a key given twice',
    `${RIGHT}name: Borealis`,
    8,
    'name',
    /^expected once, but line 1 has it already$/,
  ],
];

for (const [what, text, line, field, message] of MISTAKES) {
  test(`${what} is told with line, field, what was expected and what came`, () => {
    const { kind, problems, message: whole } = errorOf(text);
    assert.equal(kind, 'invalid');
    assert.deepEqual(
      problems.map((problem) => [problem.line, problem.field]),
      [[line, field]],
    );
    assert.match(problems[0]?.message ?? '', message);
    assert.ok(whole.endsWith(`.yaml:${line}: ${field}: ${problems[0]?.message}`), whole);
  });
}

test('everything that is wrong is told at once, by line', () => {
  const text = MISTAKES.find(([what]) => what === 'a time zone')?.[1] ?? '';
  const { problems, message } = errorOf(
    `${text.replace('12:00-22:00', '12-22')}  stayMinutes: 50\npolices: []\ndefaultStaff: boss\n`,
  );
  const fields = ['timeZone', 'hours.daily', 'reservations.stayMinutes', 'polices', 'defaultStaff'];
  assert.deepEqual(
    problems.map(({ field }) => field),
    fields,
  );
  assert.match(message, /^5 mistakes in the description of the restaurant:\n/);
});

test('a thousand mistakes make a message that can be read', () => {
  const { message } = errorOf(`${RIGHT}policies: [${Array(2000).fill('1.5, ""').join(', ')}]\n`);
  assert.ok(message.split('\n').length < 60);
});

test('hours can be written in the long and in the compact form, to the same end', () => {
  const long = read(
    RIGHT.replace('{ daily: "12:00-22:00" }', '{ tuesday: [{ from: "18:00", to: "22:00" }] }'),
  );
  for (const compact of [
    '{ tuesday: 18:00-22:00 }',
    '{ tue: "18:00 - 22:00", mon: closed }',
    '{ Tue: 18:00–22:00 }',
    '{ daily: closed, Tue: "18:00-22:00" }',
    '{ mon-wed: closed, tuesday: "18:00-22:00" }',
    '{ mon: closed, tue-wed: "18:00-22:00", wed: closed, daily: closed }',
    'tue 18:00-22:00; wed-mon closed',
    '"tue: 18:00-22:00"',
  ]) {
    const profile = read(RIGHT.replace('{ daily: "12:00-22:00" }', compact));
    assert.deepEqual(profile.hours, long.hours, compact);
  }
});

test('a range of days takes in its first and its last, over the end of the week too', () => {
  const open = (days: string) => {
    const { hours } = read(RIGHT.replace('daily', days));
    return WEEKDAYS.filter((day) => hours[day].length > 0);
  };
  const anyDay = fc.integer({ min: 0, max: 6 });
  fc.assert(
    fc.property(anyDay, anyDay, fc.constantFrom(3, 9), (first, last, letters) => {
      const names = [first, last].map((day) => WEEKDAYS[day]?.slice(0, letters));
      const count = ((last - first + 7) % 7) + 1;
      const expected = Array.from({ length: count }, (_, index) => WEEKDAYS[(first + index) % 7]);
      assert.deepEqual(new Set(open(names.join('-'))), new Set(expected));
    }),
    { numRuns: 60 },
  );
  assert.deepEqual(open('"sat, sun"'), ['saturday', 'sunday']);
});

test('whatever intervals a day has, the compact form says the same as the long one', () => {
  const two = (value: number) => String(value).padStart(2, '0');
  const timeAt = (quarter: number) => `${two(Math.floor(quarter / 4))}:${two((quarter % 4) * 15)}`;
  const quarters = fc.uniqueArray(fc.integer({ min: 0, max: 95 }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(quarters, (moments) => {
      const times = moments.sort((one, other) => one - other).map(timeAt);
      const intervals = Array.from({ length: Math.floor(times.length / 2) }, (_, index) => ({
        from: times[2 * index] ?? '',
        to: times[2 * index + 1] ?? '',
      }));
      const compact = intervals.map(({ from, to }) => `${from}-${to}`).join(', ');
      const { hours } = read(RIGHT.replace('daily: "12:00-22:00"', `fri: "${compact}"`));
      assert.deepEqual(hours.friday, intervals);
    }),
    { numRuns: 50 },
  );
});

test('exceptions and people may have compact hours too', () => {
  const profile = read(`${RIGHT}exceptions:
  - { date: 2026-12-31, open: "18:00-01:00" }
  - { date: 2027-01-01, open: closed }
staff:
  manager: { number: +49301234567, purpose: all, hours: { tue-sun: "11:00-22:00" } }
  owner: { number: +49301234568, purpose: the rest, hours: always }
`);
  assert.deepEqual(
    profile.exceptions.map(({ open }) => open),
    [[{ from: '18:00', to: '01:00' }], []],
  );
  const { manager, owner } = profile.staff;
  assert.deepEqual(manager?.hours !== 'always' && manager?.hours?.sunday, [
    { from: '11:00', to: '22:00' },
  ]);
  assert.equal(owner?.hours, 'always');
});

test('text needs no quotes where nothing but text belongs', () => {
  const text = RIGHT.replace('name: Aurora', 'name: 1900');
  const profile = read(
    `${text}menu: [{ name: 7, price: 12.50 }]\nstaff: { boss: { number: +49301234567, purpose: 1 } }`,
  );
  assert.equal(profile.name, '1900');
  assert.equal(profile.menu[0]?.price, '12.50');
  assert.equal(profile.staff.boss?.number, '+49301234567');
});

test('single variables say the common things', () => {
  const profile = loadProfile({
    env: {
      RESTAURANT_NAME: 'Borealis: the bar',
      RESTAURANT_ADDRESS: '1 North Street',
      RESTAURANT_TIME_ZONE: 'America/New_York',
      RESTAURANT_HOURS: 'tue-sun 18:00-22:00; mon closed',
      RESTAURANT_LANGUAGE: 'fr',
      RESTAURANT_GREETING: 'Bonjour.',
      RESTAURANT_STAFF_PHONE: '+15550100',
    },
  });
  const { name, address, timeZone, hours } = profile;
  assert.deepEqual([name, address], ['Borealis: the bar', '1 North Street']);
  assert.equal(timeZone, 'America/New_York');
  assert.deepEqual([hours.monday, hours.sunday], [[], EVENING]);
  assert.deepEqual(Object.keys(profile.languages), ['fr', 'en', 'de']);
  assert.equal(profile.languages.fr?.greeting, 'Bonjour.');
  assert.equal(profile.staff.staff?.number, '+15550100');
});

test('a variable that is empty counts as not set', () => {
  const sample = loadProfile({ env: {} });
  const empty = loadProfile({
    env: { RESTAURANT_NAME: ' ', RESTAURANT_HOURS: '', RESTAURANT__NAME: '', RESTAURANT__NO: '' },
  });
  assert.deepEqual(empty, sample);
});

test('the language that comes first keeps what the file says of it', () => {
  const text = `${RIGHT}languages: { en: {}, de: { greeting: Guten Tag. } }`;
  const profile = read(text, 'languages.yaml', { RESTAURANT_LANGUAGE: 'de' });
  assert.equal(firstLanguage(profile), 'de');
  assert.deepEqual(profile.languages, { de: { greeting: 'Guten Tag.' }, en: {} });
});

test('the staff phone is the number of whoever takes over usually', () => {
  const people = `${RIGHT}staff:
  cook: { number: +49301234567, purpose: food }
  manager: { number: +49301234568, purpose: the rest }
`;
  const numbersOf = (text: string) => {
    const { staff } = read(text, 'phone.yaml', { RESTAURANT_STAFF_PHONE: '+4930999999' });
    return Object.entries(staff).map(([name, { number }]) => `${name} ${number.slice(-2)}`);
  };
  assert.deepEqual(numbersOf(people), ['cook 99', 'manager 68']);
  assert.deepEqual(numbersOf(`${people}defaultStaff: manager`), ['cook 67', 'manager 99']);
});

test('any field can be said by a variable that is named like its path', () => {
  const profile = read(RIGHT, 'fields.yaml', {
    RESTAURANT__NAME: 'Fish: the bar',
    RESTAURANT__RESERVATIONS__MAX_PARTY_SIZE: '6',
    RESTAURANT__RESERVATIONS__SEATING: '{ guests: 40 }',
    RESTAURANT__HOURS__MONDAY: 'closed',
    RESTAURANT__STAFF__NIGHT_MANAGER__NUMBER: '+49301234567',
    RESTAURANT__STAFF__NIGHT_MANAGER__PURPOSE: 'complaints',
    RESTAURANT__MENU__0__NAME: 'Soup',
    RESTAURANT__MENU__1: '{ name: Bread, price: 3 }',
    RESTAURANT__POLICIES: '[No dogs., "No cats."]',
    RESTAURANT__LANGUAGES__EN_GB__GREETING: 'Good day.',
  });
  assert.equal(profile.name, 'Fish: the bar');
  assert.equal(profile.reservations.maxPartySize, 6);
  assert.deepEqual(profile.reservations.seating, { guests: 40 });
  assert.deepEqual(profile.hours.monday, []);
  assert.deepEqual(profile.hours.tuesday, [{ from: '12:00', to: '22:00' }]);
  assert.equal(profile.staff.night_manager?.number, '+49301234567');
  assert.deepEqual(
    profile.menu.map(({ name, price }) => [name, price]),
    [
      ['Soup', undefined],
      ['Bread', '3'],
    ],
  );
  assert.deepEqual(profile.policies, ['No dogs.', 'No cats.']);
  assert.equal(profile.languages['en-GB']?.greeting, 'Good day.');
});

test('variables can fill a list, entry by entry', () => {
  const names = Array.from({ length: 12 }, (_, index) => `Dish ${index}`);
  const env = Object.fromEntries(names.map((name, at) => [`RESTAURANT__MENU__${at}__NAME`, name]));
  const { menu } = read(RIGHT, 'list.yaml', env);
  assert.deepEqual(
    menu.map(({ name }) => name),
    names,
  );
});

test('a mistake within a value from a variable names the variable, not the line it replaced', () => {
  writeFileSync(join(folder, 'right.yaml'), RIGHT);
  const env = { RESTAURANT__RESERVATIONS: '{ seating: { tables: [{ seats: 0, count: 2 }] } }' };
  const { problems } = thrownBy({ path: join(folder, 'right.yaml'), env });
  assert.deepEqual(
    problems.map(({ line, variable, field }) => [line, variable, field]),
    [[undefined, 'RESTAURANT__RESERVATIONS', 'reservations.seating.tables.0.seats']],
  );
});

test('a variable for one day wins over one for the week', () => {
  const profile = loadProfile({
    env: { RESTAURANT_HOURS: 'daily 12:00-14:00', RESTAURANT__HOURS__MONDAY: '18:00-22:00' },
  });
  assert.deepEqual(profile.hours.monday, EVENING);
  assert.deepEqual(profile.hours.tuesday, [{ from: '12:00', to: '14:00' }]);
});

const WRONG_VARIABLES: [variable: string, value: string, field: string, message: RegExp][] = [
  ['RESTAURANT_TIME_ZONE', 'Berlin', 'timeZone', /^expected a time zone.*"Berlin"$/],
  ['RESTAURANT_HOURS', 'noon to ten', 'hours', /^expected hours such as.*"noon to ten"$/],
  ['RESTAURANT_LANGUAGE', 'german', 'languages.german', /^expected a language/],
  ['RESTAURANT_GREETING', 'a\nb', 'languages.en.greeting', /^expected text without line breaks/],
  ['RESTAURANT__RESERVATIONS__STAY_MINUTES', '100', 'reservations.stayMinutes', /multiple.*100$/],
  ['RESTAURANT__HOURS__MONDAY', '12-14', 'hours.monday', /^expected times such as/],
  ['RESTAURANT__POLICIES', '[a', 'policies', /^expected YAML; it is not$/],
  ['RESTAURANT__MENU__9__NAME', 'Soup', 'menu.9', /^expected the number of an entry, from 0/],
  ['RESTAURANT__NME', 'x', '', /^expected a field of the restaurant.*mean RESTAURANT__NAME\?$/],
  [
    'RESTAURANT__RESERVATIONS__MAX_PARTY',
    '6',
    '',
    /after RESTAURANT__RESERVATIONS__ one of SEATING,.*mean RESTAURANT__RESERVATIONS__MAX_PARTY_SIZE\?$/,
  ],
  ['RESTAURANT__NAME__FIRST', 'x', '', /^expected a field of the restaurant$/],
  ['RESTAURANT__', 'x', '', /^expected a field of the restaurant/],
];

for (const [variable, value, field, message] of WRONG_VARIABLES) {
  test(`a mistake in ${variable} names it`, () => {
    const { problems, message: whole } = thrownBy({ env: { [variable]: value } });
    assert.equal(problems.length, 1, whole);
    assert.equal(problems[0]?.variable, variable);
    assert.equal(problems[0]?.line, undefined);
    assert.equal(problems[0]?.field, field);
    assert.match(problems[0]?.message ?? '', message);
    assert.ok(whole.startsWith(`${variable}: `), whole);
  });
}

test('what a variable says of a person is never repeated', () => {
  const cases = {
    RESTAURANT_STAFF_PHONE: '030-9876543',
    RESTAURANT__STAFF__BOSS__NUMBER: '0309876543',
    RESTAURANT__STAFF__BOSS: '"0309876543"',
    RESTAURANT__STAFF: '["0309876543"]',
    RESTAURANT__DEFAULT_STAFF: '0309876543',
  };
  for (const [variable, value] of Object.entries(cases)) {
    const { message } = thrownBy({ env: { [variable]: value } });
    assert.match(message, new RegExp(variable));
    assert.doesNotMatch(message, /9876|987-?65/, variable);
  }
});

test('no number of eight digits or more comes through in any error', () => {
  const digits = fc.integer({ min: 10_000_000, max: 999_999_999_999_999 }).map(String);
  const places = [
    (number: string) => `${RIGHT}staff: { boss: { number: "${number}", purpose: 1 } }\nxyz: 1`,
    (number: string) => `${RIGHT}staff: { boss: ${number} }`,
    (number: string) => `${RIGHT}staff: { "${number}": {} }`,
    (number: string) => `${RIGHT}"${number}": 1`,
    (number: string) => `${RIGHT}defaultStaff: "+${number}"`,
    (number: string) => `${RIGHT}reservations: "${number}"`,
    (number: string) => RIGHT.replace('12:00-22:00', number),
    (number: string) => `${RIGHT}policies: ["${number}" ${number}]`,
  ];
  fc.assert(
    fc.property(digits, fc.constantFrom(...places), (number, text) => {
      const { message } = errorOf(text(number));
      assert.ok(!message.includes(number.slice(1, -1)), message);
    }),
    { numRuns: 100 },
  );
});

function read(text: string, file = 'right.yaml', env: Record<string, string> = {}): Profile {
  const path = join(folder, file);
  writeFileSync(path, text);
  return loadProfile({ path, env });
}

function errorOf(text: string, file = 'wrong.yaml'): Problems {
  const path = join(folder, file);
  writeFileSync(path, text);
  return thrownBy({ path, env: {} });
}

type Problems = Pick<ProfileError, 'kind' | 'message'> & { problems: readonly ProfileProblem[] };

function thrownBy(options: Parameters<typeof loadProfile>[0]): Problems {
  try {
    loadProfile(options);
  } catch (error) {
    if (error instanceof ProfileError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'expected a ProfileError' });
}

function changed(part: string, other: string): string {
  assert.ok(RIGHT.includes(part));
  return RIGHT.replace(part, other);
}

/** Without the line of this key, and as many after it as are named. */
function without(key: string, lines = 1): string {
  const all = RIGHT.split('\n');
  const at = all.findIndex((line) => line.trim().startsWith(`${key}:`));
  return all.toSpliced(at, lines).join('\n');
}
