import { intervalsInWords } from './hours-in-words.ts';
import { dayAfter, localNow, localTime } from './local-time.ts';
import { exceptionOn, intervalsOn, openUntil } from './opening-hours.ts';
import type { Profile } from './profile.ts';
import { spokenDay } from './spoken-day.ts';

/**
 * What the model must know about this moment: date and time, whether the restaurant is open, which
 * date each of the next days has, and which of the next 14 differ from the week. Two lines at most.
 * It is asked for with every turn of every call, and is the same for all of a minute.
 */
export function momentNote(profile: Profile, nowMs: number): string {
  const minute = Math.floor(nowMs / 60_000);
  const known = latest.get(profile);
  if (known?.minute === minute) return known.note;
  const note = newNote(profile, nowMs);
  latest.set(profile, { minute, note });
  return note;
}

const latest = new WeakMap<Profile, { minute: number; note: string }>();

function newNote(profile: Profile, nowMs: number): string {
  const now = localNow(profile, nowMs);
  const lines = [
    `(It is ${spokenDay(now.date)}, ${now.date}, ${now.time}. ${openness(profile, nowMs, now.date)} ` +
      `Dates: ${nextDates(now.date)}.)`,
  ];
  const exceptions = upcomingExceptions(profile, now.date);
  if (exceptions.length > 0) lines.push(`(Days that differ: ${exceptions.join('; ')}.)`);
  return lines.join('\n');
}

const DAYS_NAMED = 7;
const DAYS_AHEAD = 14;

function openness(profile: Profile, nowMs: number, today: string): string {
  const untilMs = openUntil(profile, nowMs);
  if (untilMs !== undefined) {
    return `The restaurant is open until ${localTime(profile.timeZone, untilMs).time}.`;
  }
  const hours = intervalsInWords(intervalsOn(profile, today));
  return hours
    ? `The restaurant is closed now; its hours today are ${hours}.`
    : 'The restaurant is closed today.';
}

/** A small model counts days badly: it reads the date of "next Saturday" here. */
function nextDates(today: string): string {
  return Array.from({ length: DAYS_NAMED }, (_, index) => dayAfter(today, index + 1))
    .map((date, index) => `${index === 0 ? 'tomorrow, ' : ''}${weekdayName(date)} ${date}`)
    .join(', ');
}

function weekdayName(date: string): string {
  return spokenDay(date).split(' ')[0] ?? '';
}

/** Days in a row with the same exception are told as one. */
function upcomingExceptions(profile: Profile, today: string): string[] {
  const runs: { from: string; to: string; exception: Profile['exceptions'][number] }[] = [];
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead += 1) {
    const date = dayAfter(today, ahead);
    const exception = exceptionOn(profile, date);
    const last = runs.at(-1);
    if (exception === undefined) continue;
    if (last?.exception === exception) last.to = date;
    else runs.push({ from: date, to: date, exception });
  }
  return runs.map(({ from, to, exception: { name, open } }) => {
    const days = from === to ? spokenDay(from) : `${spokenDay(from)} to ${spokenDay(to)}`;
    const hours = open.length > 0 ? `open ${intervalsInWords(open)}` : 'closed';
    return `${days}${name ? ` (${name})` : ''} ${hours}`;
  });
}
