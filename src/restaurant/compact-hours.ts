/** Hours as people write them: `tue-sun`, `12:00-14:30, 18:00-22:00`, `closed`. Pure. */
import { type Interval, WEEKDAYS, type Weekday } from './profile.ts';

/** `12:00-14:30, 18:00-22:00` or `closed`; undefined: it is neither. */
export function parseTimes(text: string): Interval[] | undefined {
  if (/^closed$/i.test(text.trim())) return [];
  const intervals = text.split(',').map(parseInterval);
  return intervals.every((interval) => interval !== undefined) ? intervals : undefined;
}

/** `monday`, `mon`, `tue-sun`, `sat, sun`, `daily`; undefined: it names no days. */
export function parseDays(text: string): Weekday[] | undefined {
  if (/^(?:daily|every day)$/i.test(text.trim())) return [...WEEKDAYS];
  const days = text.split(',').map(parseRange);
  return days.every((range) => range !== undefined) ? [...new Set(days.flat())] : undefined;
}

/** `tue-sun 12:00-22:00; mon closed`: what is said of which days; undefined: it is not of this form. */
export function parseWeek(text: string): { days: string; times: string }[] | undefined {
  const parts = text.split(';').filter((part) => part.trim() !== '');
  const week = parts.map((part) => {
    const [, days, times] = /^\s*([a-z][a-z ,–-]*?)[\s:]+(closed|\d.*?)\s*$/i.exec(part) ?? [];
    return days !== undefined && times !== undefined ? { days, times } : undefined;
  });
  return week.length > 0 && week.every((part) => part !== undefined) ? week : undefined;
}

function parseInterval(text: string): Interval | undefined {
  const [, from, to] = /^\s*(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})\s*$/.exec(text) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const interval = { from: from.padStart(5, '0'), to: to.padStart(5, '0') };
  const isRight = isTime(interval.from) && (isTime(interval.to) || interval.to === '24:00');
  return isRight && interval.from !== interval.to ? interval : undefined;
}

function isTime(time: string): boolean {
  return time < '24:00' && time.slice(3) < '60';
}

/** From Friday to Monday goes over the week's end. */
function parseRange(text: string): Weekday[] | undefined {
  const [first, last, ...rest] = text.split(/[-–]/).map((name) => weekdayIndex(name.trim()));
  if (first === undefined || first < 0 || rest.length > 0) return undefined;
  if (last === undefined) return WEEKDAYS.slice(first, first + 1);
  if (last < 0) return undefined;
  const count = ((last - first + WEEKDAYS.length) % WEEKDAYS.length) + 1;
  return [...WEEKDAYS, ...WEEKDAYS].slice(first, first + count);
}

function weekdayIndex(name: string): number {
  if (name.length < 3) return -1;
  return WEEKDAYS.findIndex((day) => day.startsWith(name.toLowerCase()));
}
