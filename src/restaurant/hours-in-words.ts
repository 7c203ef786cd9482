import { type Interval, WEEKDAYS, type Weekday, type WeeklyHours } from './profile.ts';

/** `Tuesday to Sunday 12:00 to 14:30 and 18:00 to 22:00; closed on Monday`. */
export function hoursInWords(hours: WeeklyHours): string {
  const groups: { days: Weekday[]; times: string }[] = [];
  for (const day of WEEKDAYS) {
    const times = intervalsInWords(hours[day]);
    const last = groups.at(-1);
    if (last?.times === times) last.days.push(day);
    else groups.push({ days: [day], times });
  }
  const closed = groups.filter(({ times }) => times === '').flatMap(({ days }) => days);
  if (closed.length === WEEKDAYS.length) return 'closed every day';
  const open = groups.filter(({ times }) => times !== '');
  const parts = open.map(({ days, times }) => `${daysInWords(days)} ${times}`);
  if (closed.length > 0) parts.push(`closed on ${listInWords(closed.map(capitalised))}`);
  return parts.join('; ');
}

/** `12:00 to 14:30 and 18:00 to 22:00`; empty for none. */
export function intervalsInWords(intervals: readonly Interval[]): string {
  const sorted = intervals.toSorted((one, other) => one.from.localeCompare(other.from));
  return listInWords(sorted.map(({ from, to }) => `${from} to ${to}`));
}

function daysInWords(days: readonly Weekday[]): string {
  const [first, last] = [days[0], days.at(-1)];
  if (days.length === WEEKDAYS.length) return 'every day';
  if (!first || !last || first === last) return listInWords(days.map(capitalised));
  return `${capitalised(first)} ${days.length === 2 ? 'and' : 'to'} ${capitalised(last)}`;
}

function listInWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function capitalised(day: Weekday): string {
  return `${day.charAt(0).toUpperCase()}${day.slice(1)}`;
}
