/** When the restaurant, and each of its staff, can be reached. Pure; moments are ms since 1970, UTC. */
import { dayAfter, instantOf, localTime, weekdayOf } from './local-time.ts';
import type { DayException, Interval, Profile, WeeklyHours } from './profile.ts';

/** From `startMs` until just before `endMs`. */
export interface OpenSpan {
  startMs: number;
  endMs: number;
}

/**
 * What begins on this day, earliest first; empty: closed. An interval that ends past midnight belongs
 * to the day on which it begins.
 * @param date `2026-12-24` @throws {RangeError} when there is no such date
 */
export function intervalsOn(
  profile: Pick<Profile, 'hours' | 'exceptions'>,
  date: string,
): readonly Interval[] {
  return exceptionOn(profile, date)?.open.toSorted(byStart) ?? weeklyOn(profile.hours, date);
}

/** What this day is an exception for, if it is one. Of several the last counts. */
export function exceptionOn(
  profile: Pick<Profile, 'exceptions'>,
  date: string,
): Profile['exceptions'][number] | undefined {
  return profile.exceptions.findLast(
    (exception: DayException) =>
      exception.date <= date && date <= (exception.until ?? exception.date),
  );
}

/** The intervals that begin on this day, as spans of real time. */
export function openSpans(
  profile: Pick<Profile, 'hours' | 'exceptions' | 'timeZone'>,
  date: string,
): OpenSpan[] {
  return intervalsOn(profile, date).map((each) => spanOf(profile.timeZone, date, each));
}

export function isOpenAt(
  profile: Pick<Profile, 'hours' | 'exceptions' | 'timeZone'>,
  atMs: number,
): boolean {
  return openUntil(profile, atMs) !== undefined;
}

/** When the interval ends in which the restaurant is open now; undefined: it is closed. */
export function openUntil(
  profile: Pick<Profile, 'hours' | 'exceptions' | 'timeZone'>,
  atMs: number,
): number | undefined {
  return spanAround(profile.timeZone, atMs, (date) => intervalsOn(profile, date))?.endMs;
}

/**
 * May this person's phone ring now? Somebody without hours of their own can be reached while the
 * restaurant is open; hours of their own hold on exceptional days too. Nobody has that name: false.
 */
export function staffIsReachable(profile: Profile, name: string, atMs: number): boolean {
  if (!Object.hasOwn(profile.staff, name)) return false;
  const hours = profile.staff[name]?.hours;
  if (hours === 'always') return true;
  if (hours === undefined) return isOpenAt(profile, atMs);
  return spanAround(profile.timeZone, atMs, (date) => weeklyOn(hours, date)) !== undefined;
}

function weeklyOn(hours: WeeklyHours, date: string): Interval[] {
  return hours[weekdayOf(date)].toSorted(byStart);
}

/** Looks at yesterday too: an interval is shorter than a day, so no earlier one can last until now. */
function spanAround(
  timeZone: string,
  atMs: number,
  intervals: (date: string) => readonly Interval[],
): OpenSpan | undefined {
  const { date: today } = localTime(timeZone, atMs);
  return [dayAfter(today, -1), today]
    .flatMap((date) => intervals(date).map((interval) => spanOf(timeZone, date, interval)))
    .find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
}

function spanOf(timeZone: string, date: string, { from, to }: Interval): OpenSpan {
  const lastDate = to < from ? dayAfter(date, 1) : date;
  return {
    startMs: instantOf(timeZone, date, from),
    endMs: instantOf(timeZone, lastDate, to),
  };
}

function byStart(one: Interval, other: Interval): number {
  return one.from < other.from ? -1 : 1;
}
