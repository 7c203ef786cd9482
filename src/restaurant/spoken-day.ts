/** Days as people say them. */
import { dayAfter, weekdayOf } from './local-time.ts';
import { WEEKDAYS } from './profile.ts';

/** @param date `2026-11-27` @returns `Friday 27 November` */
export function spokenDay(date: string): string {
  return DAY.format(Date.parse(date)).replace(',', '');
}

const DAY = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  // In which a date without a time is parsed.
  timeZone: 'UTC',
});

/**
 * The date that a word means: `today`, `tonight`, `tomorrow`, or a weekday, which is the next one with
 * today among them. Undefined for anything else; "next Friday" means two days to two people.
 *
 * @param today where the restaurant is, `2026-11-27`
 */
export function dateOfWord(word: string, today: string): string | undefined {
  const day = word
    .trim()
    .toLowerCase()
    .replace(/^this\s/, '');
  if (day === 'today' || day === 'tonight') return today;
  if (day === 'tomorrow') return dayAfter(today, 1);
  return WEEKDAYS.includes(day as (typeof WEEKDAYS)[number])
    ? WEEKDAYS.map((_, days) => dayAfter(today, days)).find((date) => weekdayOf(date) === day)
    : undefined;
}
