/** What may be asked of the API. Errors say what was expected and what kind of thing came. */
import { z } from 'zod';
import type { CallQuery } from '../journal/call-list.ts';
import { ApiError } from './api-error.ts';
import type { AnalysisPeriod } from './server-options.ts';
import { isCallSid } from './signed-form.ts';

const MOMENT = 'a moment such as 2026-12-24 or 2026-12-24T18:00:00Z';
const moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], MOMENT)
  .transform((text) => Date.parse(text))
  .optional();

const query = z.strictObject({
  from: moment,
  to: moment,
  outcome: z
    .string('one outcome, in letters')
    .regex(/^[a-zA-Z]{1,30}$/, 'one outcome, in letters')
    .optional(),
  limit: z
    .string('a whole number from 1 to 200')
    .regex(/^(?:[1-9]\d?|1\d\d|200)$/, 'a whole number from 1 to 200')
    .transform(Number)
    .default(50),
  cursor: z
    .string('"next" of the page before')
    .regex(/^[\w.~:-]{1,200}$/, '"next" of the page before')
    .optional(),
});

const DAY = 'a day such as 2026-12-24';
/** More would keep the database busy for nobody's benefit. */
const MAX_DAYS = 400;
const period = z
  .strictObject({
    from: z.iso.date(DAY),
    to: z.iso.date(DAY),
    zone: z
      .string('a time zone such as Europe/Berlin')
      .max(100, 'a time zone such as Europe/Berlin')
      .refine(isZone, 'a time zone such as Europe/Berlin'),
  })
  .refine(({ from, to }) => daysFrom(from, to) >= 0 && daysFrom(from, to) < MAX_DAYS, {
    path: ['to'],
    message: `a day that is not before "from" and less than ${MAX_DAYS} days after it`,
  });

const outbound = z.strictObject(
  { to: z.string('a phone number in E.164 form, such as +15551234567') },
  'an object with "to"',
);

/** @throws {ApiError} */
export function callQuery(given: unknown): CallQuery {
  return read(query, given);
}

/** @throws {ApiError} */
export function analysisQuery(given: unknown): AnalysisPeriod {
  return read(period, given);
}

/** @throws {ApiError} */
export function outboundRequest(given: unknown): { to: string } {
  return read(outbound, given);
}

/** @throws {ApiError} */
export function callSidRequest(given: unknown): string {
  if (isCallSid(given)) return given;
  throw new ApiError(400, 'sid: expected CA and 32 hexadecimal digits, got something else');
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function daysFrom(first: string, last: string): number {
  return (Date.parse(last) - Date.parse(first)) / 86_400_000;
}

function read<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ApiError(400, parsed.error.issues.map((issue) => describe(issue, given)).join('; '));
}

function describe(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    return `expected no other fields, got ${issue.keys.length} that are not known`;
  }
  const name = issue.path[0];
  const value = name === undefined ? given : (given as Record<PropertyKey, unknown>)[name];
  return `${name === undefined ? '' : `${String(name)}: `}expected ${issue.message}, got ${kindOf(value)}`;
}

/** The value itself may be a phone number. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'another text' : `a value of type ${typeof value}`;
}
