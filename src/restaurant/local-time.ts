import { Temporal } from 'temporal-polyfill';
import { WEEKDAYS, type Weekday } from './profile.ts';

/** A moment as the clock and the calendar on the restaurant's wall show it. */
export interface LocalTime {
  /** `2026-12-24` */
  date: string;
  /** `19:30` */
  time: string;
  weekday: Weekday;
}

/** @param atMs Milliseconds since 1970, UTC. */
export function localTime(timeZone: string, atMs: number): LocalTime {
  const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
  const date = local.toPlainDate().toString();
  return {
    date,
    time: local.toPlainTime().toString({ smallestUnit: 'minute' }),
    weekday: weekdayOf(date),
  };
}

/** Now, where the restaurant is. */
export function localNow(profile: { timeZone: string }, nowMs: number): LocalTime {
  return localTime(profile.timeZone, nowMs);
}

/**
 * When the wall clock shows this, in milliseconds since 1970, UTC. A time that comes twice is the
 * first of the two; one that a change of the clocks skips is as much later as they skip.
 * @param time `HH:MM`; `24:00` is the midnight at the end of the day.
 * @throws {RangeError} when there is no such date or time
 */
export function instantOf(timeZone: string, date: string, time: string): number {
  if (time === '24:00') return instantOf(timeZone, dayAfter(date, 1), '00:00');
  return Temporal.PlainDate.from(date).toZonedDateTime({ timeZone, plainTime: time })
    .epochMilliseconds;
}

/** @throws {RangeError} when there is no such date */
export function dayAfter(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** @throws {RangeError} when there is no such date */
export function weekdayOf(date: string): Weekday {
  return WEEKDAYS[Temporal.PlainDate.from(date).dayOfWeek - 1] ?? 'monday';
}

/** A day that the calendar has, written as `2026-12-24`. */
export function isLocalDate(date: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return false;
  try {
    Temporal.PlainDate.from(date);
    return true;
  } catch {
    return false;
  }
}

/** A time of day, written as `19:30`. */
export function isLocalTime(time: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time);
}

/** Of the day, of a time written as `19:30`. */
export function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
