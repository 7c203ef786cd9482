/**
 * What a restaurant is, as its owner describes it in one file. Everything that the agent may say about
 * the restaurant, promise in its name or dial for it comes from here.
 */
import { z } from 'zod';

export type Profile = z.infer<typeof profileSchema>;
export type StaffDestination = Profile['staff'][string];
export type WeeklyHours = z.infer<typeof weeklyHours>;
export type Interval = z.infer<typeof interval>;
export type MenuItem = z.infer<typeof menuItem>;
export type DayException = z.infer<typeof dayException>;

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Wall-clock time of the restaurant, `HH:MM`; `24:00` only as an end. */
const timeOfDay = z
  .string('expected a time such as "18:30"')
  .regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'expected a time such as "18:30"');
const localDate = z.iso.date('expected a date such as "2026-12-24"');
const language = z
  .string()
  .regex(/^[a-z]{2}(?:-[A-Z]{2})?$/, 'expected a language such as en or en-GB');
const e164 = z
  .string('expected a phone number in quotes, with country code, such as "+15551234567"')
  .regex(/^\+[1-9]\d{6,14}$/, 'expected a phone number with country code, such as "+15551234567"');
/** A name that the model may say, and that stands in a file: no markup, no line breaks. */
const line = (most: number) =>
  z
    .string(`expected text of 1 to ${most} characters`)
    .trim()
    .min(1, `expected text of 1 to ${most} characters`)
    .max(most, `expected text of 1 to ${most} characters`)
    .regex(/^[^\p{Cc}<>{}|]+$/u, 'expected text without line breaks and without < > { } |');

/** Open from `from` until `to`; past midnight when `to` is the earlier one. */
const interval = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => from !== to, 'expected "to" to differ from "from"');
const intervals = z
  .array(interval)
  .max(6, 'expected at most 6 intervals a day')
  .refine(areApart, 'expected intervals that do not overlap');
const weeklyHours = z.strictObject(
  Object.fromEntries(WEEKDAYS.map((day) => [day, intervals.default([])])) as Record<
    Weekday,
    z.ZodDefault<typeof intervals>
  >,
);

const dayException = z
  .strictObject({
    date: localDate,
    /** Last day of several, inclusive. */
    until: localDate.optional(),
    /** What is told to callers, such as "Christmas Eve". */
    name: line(80).optional(),
    /** Empty: closed. */
    open: intervals,
  })
  .refine(({ date, until }) => until === undefined || until >= date, {
    path: ['until'],
    error: 'expected a day that is not before "date"',
  });

const seating = z.union(
  [
    /** Parties sit at tables of their own. */
    z.strictObject({
      tables: z
        .array(
          z.strictObject({
            seats: z.number().int().min(1).max(50),
            count: z.number().int().min(1).max(200),
          }),
        )
        .min(1)
        .max(20),
    }),
    /** Only the number of guests at once is limited. */
    z.strictObject({ guests: z.number().int().min(1).max(1000) }),
  ],
  'expected "tables" (a list of seats and count) or "guests" (a number)',
);

const reservations = z.strictObject({
  seating,
  /** Bookings begin on multiples of this. */
  slotMinutes: z.literal([15, 30, 60]).default(15),
  /** How long a party keeps its table. A multiple of `slotMinutes`. */
  stayMinutes: z.number().int().min(15).max(600).default(120),
  maxPartySize: z.number().int().min(1).max(100).default(8),
  /** How many days ahead may be booked. */
  horizonDays: z.number().int().min(1).max(730).default(90),
  /** A booking begins at least this long from now. */
  leadMinutes: z.number().int().min(0).max(10_080).default(60),
  /** The last booking begins this long before the kitchen closes. */
  lastSeatingMinutes: z.number().int().min(0).max(600).default(60),
  /** How long a table is held while it is read back to the caller. */
  holdSeconds: z.number().int().min(30).max(3600).default(300),
});

const menuItem = z.strictObject({
  name: line(80),
  description: line(200).optional(),
  price: line(40).optional(),
  allergens: z.array(line(40)).max(20).default([]),
});

const staffDestination = z.strictObject({
  number: e164,
  /** What it is for, told to the model: "complaints, groups, events". */
  purpose: line(160),
  /** Missing: during opening hours. */
  hours: z
    .union([z.literal('always'), weeklyHours], 'expected "always" or hours by weekday')
    .optional(),
});

const voiceOfLanguage = z.strictObject({
  /** A Cartesia voice; missing: the one of the settings. */
  voice: line(80).optional(),
  greeting: line(300).optional(),
});

export const profileSchema = z
  .strictObject({
    name: line(80),
    address: line(200),
    /** IANA, such as Europe/Berlin. */
    timeZone: z
      .string('expected a time zone such as Europe/Berlin')
      .refine(isTimeZone, 'expected a time zone such as Europe/Berlin'),
    hours: weeklyHours,
    /** Days that differ from the week: holidays, private events. Later ones win. */
    exceptions: z.array(dayException).max(500).default([]),
    reservations,
    menu: z.array(menuItem).max(100).default([]),
    policies: z.array(line(300)).max(50).default([]),
    /** Who may be called for callers, by a name that the model may choose. */
    staff: z
      .record(
        z.string().regex(/^[a-z][a-z_]{0,30}$/, 'expected a name such as manager'),
        staffDestination,
      )
      .default({}),
    /** Who takes over when nobody in particular is asked for; missing: the first of `staff`. */
    defaultStaff: z.string().optional(),
    /** The first is the one in which calls begin. */
    languages: z
      .record(language, voiceOfLanguage)
      .default({ en: {} })
      .refine((languages) => Object.keys(languages).length > 0, 'expected at least one language'),
  })
  // Even when something else is wrong: all that is wrong is told at once.
  .superRefine(
    (profile: unknown, context) => {
      for (const { path, message } of disagreements(profile)) {
        context.addIssue({ code: 'custom', path, message });
      }
    },
    { when: () => true },
  );

/** The language in which calls begin. */
export function firstLanguage(profile: Profile): string {
  return Object.keys(profile.languages)[0] ?? 'en';
}

/** The name under which somebody takes over when nobody in particular is asked for. */
export function defaultDestination(profile: Profile): string | undefined {
  return profile.defaultStaff ?? Object.keys(profile.staff)[0];
}

/** Values that are right each by itself but not together. `profile` may be wrong in any way. */
function disagreements(profile: unknown): { path: string[]; message: string }[] {
  const found: { path: string[]; message: string }[] = [];
  const { defaultStaff, staff, reservations } = mapping(profile);
  if (typeof defaultStaff === 'string' && !Object.hasOwn(mapping(staff), defaultStaff)) {
    const names = Object.keys(mapping(staff)).join(', ') || 'nobody is';
    const message = `expected the name of somebody under staff (${names})`;
    found.push({ path: ['defaultStaff'], message });
  }
  const { stayMinutes, slotMinutes } = mapping(reservations);
  const remainder = Number(stayMinutes) % Number(slotMinutes);
  if (Number.isFinite(remainder) && remainder !== 0) {
    const message = `expected a multiple of slotMinutes (${slotMinutes})`;
    found.push({ path: ['reservations', 'stayMinutes'], message });
  }
  return found;
}

function mapping(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Intervals of one day; one that runs past midnight ends on the next. */
function areApart(day: readonly { from: string; to: string }[]): boolean {
  const sorted = day.toSorted((one, other) => one.from.localeCompare(other.from));
  return sorted.every(({ from, to }, index) => {
    const next = sorted[index + 1];
    return next === undefined || (to > from && to <= next.from);
  });
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
