import type { Kysely } from 'kysely';
import type { Schema } from '../journal/schema.ts';
import { minuteOf } from './local-time.ts';
import { type Asker, occupiedDuring, readOccupied } from './occupancy.ts';
import { choosePlaces } from './place-choice.ts';
import type { Profile } from './profile.ts';
import type { Refusal, RefusalReason, Wish } from './reservation-book.ts';
import { bookableTimes, checkWish, slotsOf } from './wish-rules.ts';

export interface FoundPlaces {
  places: readonly string[];
  /** Minutes since 1970, of the whole stay. */
  slots: readonly number[];
}

/** Times told to a caller: more are not remembered. */
const MOST_ALTERNATIVES = 4;
/** Bookings begin every 15 minutes at most. */
const MOST_TIMES_OF_A_DAY = 96;
/** Another time of that day may do. */
const OTHER_TIME_HELPS: ReadonlySet<RefusalReason> = new Set([
  'full',
  'outsideHours',
  'notASlot',
  'tooSoon',
  'past',
]);

/** Places for the party by the rules of the profile and by what is taken, or why there are none. */
export async function findPlaces(
  db: Kysely<Schema>,
  profile: Profile,
  wish: Wish,
  asker: Asker,
): Promise<FoundPlaces | Refusal> {
  const refused = checkWish(profile, wish, asker.now);
  if (refused) return refuse(db, profile, wish, asker, refused);
  const slots = slotsOf(profile, wish);
  const occupied = occupiedDuring(await readOccupied(db, slots, asker), slots);
  const places = choosePlaces(profile.reservations.seating, occupied, wish.partySize);
  return places ? { places, slots } : refuse(db, profile, wish, asker, 'full');
}

/** Other times of that day at which the party would be seated, `HH:MM`, nearest first; at most 4. */
export async function freeTimes(
  db: Kysely<Schema>,
  profile: Profile,
  wish: Wish,
  asker: Asker,
): Promise<string[]> {
  const { seating } = profile.reservations;
  const others = bookableTimes(profile, wish.date, asker.now)
    .slice(0, MOST_TIMES_OF_A_DAY)
    .filter((time) => time !== wish.time)
    .map((time) => ({ time, slots: slotsOf(profile, { ...wish, time }) }));
  const occupied = await readOccupied(
    db,
    others.flatMap(({ slots }) => slots),
    asker,
  );
  others.sort((one, other) => distance(one.time, wish.time) - distance(other.time, wish.time));
  const free: string[] = [];
  for (const { time, slots } of others) {
    if (free.length === MOST_ALTERNATIVES) break;
    if (choosePlaces(seating, occupiedDuring(occupied, slots), wish.partySize)) free.push(time);
  }
  return free;
}

async function refuse(
  db: Kysely<Schema>,
  profile: Profile,
  wish: Wish,
  asker: Asker,
  reason: RefusalReason,
): Promise<Refusal> {
  if (!OTHER_TIME_HELPS.has(reason)) return { done: false, reason };
  return { done: false, reason, alternatives: await freeTimes(db, profile, wish, asker) };
}

function distance(time: string, other: string): number {
  return Math.abs(minuteOf(time) - minuteOf(other));
}
