/**
 * The arguments of tools, each as a schema that takes what a model writes when it means well: a
 * number as text, a time with "pm", the whole phone number for its last digits. What could mean two
 * things is refused, and the messages say what to write instead.
 */
import { z } from 'zod';
import { isLocalDate } from './local-time.ts';
import { timeOfDay } from './time-of-day.ts';

/** Longest texts, in characters. */
const MAX_NAME = 80;
const MAX_NOTE = 200;
const MAX_MESSAGE = 500;
const MAX_REASON = 300;
/** Of a list, in a message. */
const MAX_TOLD = 12;

export const date = z
  .string()
  .trim()
  .refine(isLocalDate, 'write the date as YYYY-MM-DD')
  .describe('YYYY-MM-DD');

export const time = z
  .preprocess(
    (said) => (typeof said === 'string' || typeof said === 'number' ? timeOfDay(said) : said),
    z.string('write the time with 24 hours, such as 19:30; ask if it is morning or evening'),
  )
  .describe('HH:MM, 24 hours');

/** How many there may be is the profile's matter, and the book's. */
export const party = z
  .preprocess(
    partySize,
    z.int('write the number of people as a whole number').min(1, 'ask how many people').max(1000),
  )
  .describe('number of people');

export const bookingHandle = z
  .preprocess(
    (said) => (typeof said === 'string' ? said.trim().toUpperCase() : said),
    z.string('write the booking as B1').regex(/^B\d{1,2}$/, 'write the booking as B1'),
  )
  .describe('such as B1');

export const guestName = z
  .string('ask for the name')
  .transform(plain)
  .pipe(
    z
      .string()
      .min(1, 'ask for the name')
      .max(MAX_NAME, `a name has at most ${MAX_NAME} characters`)
      .regex(/^[\p{L}\p{M}'’.,& -]*\p{L}[\p{L}\p{M}'’.,& -]*$/u, 'a name has letters only')
      .refine((name) => !PLACEHOLDERS.has(name.toLowerCase()), 'ask for the name'),
  );

export const note = text(MAX_NOTE);
export const messageText = text(MAX_MESSAGE);
export const reason = text(MAX_REASON);

/** Digits are looked for by whoever keeps it: `contactPhone`. */
export const phone = z.preprocess(
  (said) => (typeof said === 'number' ? String(said) : said),
  z
    .string('write the phone number as text')
    .max(60, 'write one phone number')
    .regex(/\d\D*\d\D*\d/, 'write the digits of the phone number'),
);

export const lastDigits = z
  .preprocess(
    (said) => (typeof said === 'string' || typeof said === 'number' ? digitsOf(said) : said),
    z.string().regex(/^\d{4}$/, 'ask for the last four digits of the phone number'),
  )
  .describe('last 4 digits of their phone number');

/** One of these words, however it is written: `Event Manager` for `event_manager`. */
export function oneOf(names: readonly string[], called: Readonly<Record<string, string>> = {}) {
  const known = new Map([...Object.entries(called), ...names.map((name) => [name, name] as const)]);
  const byKey = new Map([...known].map(([said, name]) => [wordKey(said), name]));
  return z.preprocess(
    (said) => (typeof said === 'string' ? (byKey.get(wordKey(said)) ?? said) : said),
    z.enum(names as [string, ...string[]], `write one of ${names.slice(0, MAX_TOLD).join(', ')}`),
  );
}

function text(mostCharacters: number) {
  const expected = `write at most ${mostCharacters} characters`;
  return z
    .string(expected)
    .transform(plain)
    .pipe(z.string().min(1, expected).max(mostCharacters, expected));
}

/** One line, without what a file, a template or a voice would take for more than text. */
function plain(said: string): string {
  return said
    .replace(/[<>{}|\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** What models write for a name when they have none. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  'unknown',
  'caller',
  'customer',
  'guest',
  'name',
  'none',
  'null',
  'n.a.',
  'not provided',
  'not given',
  'your name',
  'user',
  'string',
]);

const NUMBER_WORDS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');

function partySize(said: unknown): unknown {
  if (typeof said !== 'string') return said;
  const text = said.trim().toLowerCase();
  const word = NUMBER_WORDS.indexOf(text);
  if (word >= 0) return word + 1;
  const digits = /^(\d{1,4})(?:\.0)?(?:\s?(?:people|persons|guests|pax))?$/.exec(text)?.[1];
  return digits === undefined ? said : Number(digits);
}

/** A whole number was given by a caller who was asked for its end: that is in it. */
function digitsOf(said: string | number): string {
  return String(said).slice(0, MAX_NAME).replace(/\D/g, '').slice(-4);
}

function wordKey(said: string): string {
  return said
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, '_');
}
