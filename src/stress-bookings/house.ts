/** A small restaurant, open for a few hours on a few days: everybody wants the same tables. */
import { type Profile, profileSchema, WEEKDAYS } from '../restaurant/profile.ts';

export type Seats = 'tables' | 'guests';

export const DAYS = 2;
export const LARGEST_PARTY = 8;
/** Its clock runs faster than ours, so that holds lapse within a run: 30 s of it are 0.5 s. */
const CLOCK_SPEED = 60;
const OPEN = [{ from: '18:00', to: '21:00' }];
const SEATING = {
  // The largest parties join two or three of them.
  tables: {
    tables: [
      { seats: 2, count: 2 },
      { seats: 4, count: 1 },
      { seats: 6, count: 1 },
    ],
  },
  guests: { guests: 14 },
};

/** In UTC: what begins when can be recomputed without the rules under test. */
export function houseWith(seats: Seats): Profile {
  return profileSchema.parse({
    name: 'Stress House',
    address: '1 Load Lane',
    timeZone: 'Etc/UTC',
    hours: Object.fromEntries(WEEKDAYS.map((day) => [day, OPEN])),
    reservations: {
      seating: SEATING[seats],
      slotMinutes: 15,
      stayMinutes: 60,
      maxPartySize: LARGEST_PARTY,
      leadMinutes: 0,
      lastSeatingMinutes: 60,
      holdSeconds: 30,
    },
  });
}

/** The clock of all processes of a run, in ms since 1970. @param startedAt When the run began. */
export function houseClock(startedAt: number): () => number {
  return () => startedAt + (Date.now() - startedAt) * CLOCK_SPEED;
}

/** Far enough ahead to lie in the future until the run ends; `2026-12-24`. */
export function dayOfRun(startedAt: number, day: number): string {
  return new Date(startedAt + (2 + day) * 86_400_000).toISOString().slice(0, 10);
}
