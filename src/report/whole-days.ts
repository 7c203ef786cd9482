import { Temporal } from 'temporal-polyfill';
import type { ReportPeriod } from './read-report.ts';

/**
 * From the first moment of one day to the last of another, as the people of a time zone count them.
 * @param from dates, such as `2026-11-30`
 * @throws {RangeError} One is not in the calendar, or there is no such zone.
 */
export function wholeDays(
  from: Temporal.PlainDate | string,
  to: Temporal.PlainDate | string,
  timeZone: string,
): ReportPeriod {
  const startOf = (date: Temporal.PlainDate) => date.toZonedDateTime(timeZone).epochMilliseconds;
  return {
    from: startOf(Temporal.PlainDate.from(from)),
    to: startOf(Temporal.PlainDate.from(to).add({ days: 1 })),
    timeZone,
  };
}
