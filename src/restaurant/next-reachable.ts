import { dayAfter, instantOf, localNow, weekdayOf } from './local-time.ts';
import { intervalsOn } from './opening-hours.ts';
import type { Profile } from './profile.ts';

/** Days that are looked ahead: the week, and then the same weekday again. */
const DAYS_AHEAD = 7;

/**
 * When somebody who cannot be reached now can be again, by the restaurant's clock. Undefined when
 * that is not within a week.
 */
export function nextReachable(
  profile: Profile,
  name: string,
  nowMs: number,
): { date: string; time: string } | undefined {
  const hours = profile.staff[name]?.hours;
  const today = localNow(profile, nowMs).date;
  for (let days = 0; days <= DAYS_AHEAD; days++) {
    const date = dayAfter(today, days);
    const intervals =
      hours === undefined || hours === 'always'
        ? intervalsOn(profile, date)
        : hours[weekdayOf(date)];
    const starts = intervals.map(({ from }) => from).toSorted();
    const time = starts.find((from) => instantOf(profile.timeZone, date, from) > nowMs);
    if (time !== undefined) return { date, time };
  }
  return undefined;
}
