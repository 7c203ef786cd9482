/** What the profile lets a caller book. Pure; moments are ms since 1970, UTC. */
import {
  dayAfter,
  instantOf,
  isLocalDate,
  isLocalTime,
  localNow,
  localTime,
  minuteOf,
} from './local-time.ts';
import { type OpenSpan, openSpans } from './opening-hours.ts';
import type { Profile } from './profile.ts';
import type { RefusalReason, Wish } from './reservation-book.ts';

/**
 * Why this cannot be booked, whatever is free; undefined: it can. A date or time that does not exist,
 * or that the clocks skip on that day, is `notASlot`; fewer than one guest is `partyTooLarge`.
 */
export function checkWish(profile: Profile, wish: Wish, nowMs: number): RefusalReason | undefined {
  if (!isLocalDate(wish.date) || !isLocalTime(wish.time)) return 'notASlot';
  if (!Number.isInteger(wish.partySize) || wish.partySize < 1) return 'partyTooLarge';
  if (wish.partySize > largestParty(profile)) return 'partyTooLarge';
  const startsAt = startsAtOf(profile, wish);
  const moment = checkMoment(profile, wish.date, startsAt, nowMs);
  if (moment === 'past' || moment === 'tooFar') return moment;
  // That it is closed says more to a caller than that it is too soon.
  return checkTime(profile, wish.time, startsAt, spansAround(profile, wish.date)) ?? moment;
}

/** Guests: of one party at most, and never more than there are seats. */
export function largestParty({ reservations }: Pick<Profile, 'reservations'>): number {
  const { seating, maxPartySize } = reservations;
  const seats =
    'guests' in seating
      ? seating.guests
      : seating.tables.reduce((sum, table) => sum + table.seats * table.count, 0);
  return Math.min(maxPartySize, seats);
}

/** @throws {RangeError} when there is no such date or time */
export function startsAtOf(profile: Profile, wish: Pick<Wish, 'date' | 'time'>): number {
  return instantOf(profile.timeZone, wish.date, wish.time);
}

/**
 * The quarters of an hour that the stay takes, as minutes since 1970, UTC. It lasts its minutes of
 * real time, however the clocks change. Quarters whatever `slotMinutes` is: bookings that were taken
 * under another one still meet at the same places, and every time zone is a multiple of them from UTC.
 * @throws {RangeError} when there is no such date or time
 */
export function slotsOf(profile: Profile, wish: Pick<Wish, 'date' | 'time'>): number[] {
  const first = startsAtOf(profile, wish) / MINUTE_MS;
  const count = Math.ceil(profile.reservations.stayMinutes / QUARTER_MINUTES);
  return Array.from({ length: count }, (_, index) => first + index * QUARTER_MINUTES);
}

/**
 * The times of that day at which a booking may begin, earliest first, whatever the party and whatever
 * is free. Without `nowMs` by the hours alone; with it, only those that can still be booked now. A date
 * that does not exist has none.
 */
export function bookableTimes(profile: Profile, date: string, nowMs?: number): string[] {
  if (!isLocalDate(date)) return [];
  const spans = spansAround(profile, date);
  const { slotMinutes } = profile.reservations;
  const slots = Array.from({ length: DAY_MINUTES / slotMinutes }, (_, index) =>
    timeOfDay(index * slotMinutes),
  );
  return slots.filter((time) => {
    const startsAt = instantOf(profile.timeZone, date, time);
    if (checkTime(profile, time, startsAt, spans)) return false;
    return nowMs === undefined || checkMoment(profile, date, startsAt, nowMs) === undefined;
  });
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
const QUARTER_MINUTES = 15;

interface SpansAround {
  /** Began the day before, and may last past midnight. */
  night: readonly OpenSpan[];
  day: readonly OpenSpan[];
}

function spansAround(profile: Profile, date: string): SpansAround {
  return { night: openSpans(profile, dayAfter(date, -1)), day: openSpans(profile, date) };
}

function checkMoment(
  profile: Profile,
  date: string,
  startsAt: number,
  nowMs: number,
): RefusalReason | undefined {
  const { horizonDays, leadMinutes } = profile.reservations;
  if (startsAt < nowMs) return 'past';
  if (date > dayAfter(localNow(profile, nowMs).date, horizonDays)) return 'tooFar';
  return startsAt < nowMs + leadMinutes * MINUTE_MS ? 'tooSoon' : undefined;
}

function checkTime(
  profile: Profile,
  time: string,
  startsAt: number,
  { night, day }: SpansAround,
): RefusalReason | undefined {
  const { slotMinutes, lastSeatingMinutes } = profile.reservations;
  if (day.length === 0 && !night.some(({ endMs }) => endMs > startsAt)) return 'closed';
  const lastSeatingMs = lastSeatingMinutes * MINUTE_MS;
  const isSeated = [...night, ...day].some(
    ({ startMs, endMs }) => startMs <= startsAt && startsAt <= endMs - lastSeatingMs,
  );
  if (!isSeated) return 'outsideHours';
  const isSkipped = localTime(profile.timeZone, startsAt).time !== time;
  return isSkipped || minuteOf(time) % slotMinutes !== 0 ? 'notASlot' : undefined;
}

function timeOfDay(minute: number): string {
  const pad = (part: number) => String(part).padStart(2, '0');
  return `${pad(Math.floor(minute / 60))}:${pad(minute % 60)}`;
}
