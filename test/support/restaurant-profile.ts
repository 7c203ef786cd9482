import { type Profile, profileSchema, WEEKDAYS } from '../../src/restaurant/profile.ts';

const EVENINGS = [{ from: '18:00', to: '22:00' }];

/** A small restaurant, open every evening from 18:00 to 22:00, with what a test changes in it. */
export function profileWith(changes: Record<string, unknown> = {}): Profile {
  return profileSchema.parse({
    name: 'Trattoria Aurora',
    address: '12 Harbour Street',
    timeZone: 'Europe/Berlin',
    hours: everyDay(EVENINGS),
    ...changes,
    reservations: { seating: { tables: [{ seats: 4, count: 3 }] }, ...reservationsOf(changes) },
  });
}

/** The same intervals on all seven days. */
export function everyDay(intervals: readonly { from: string; to: string }[]) {
  return Object.fromEntries(WEEKDAYS.map((day) => [day, intervals]));
}

function reservationsOf({ reservations }: Record<string, unknown>): object {
  return typeof reservations === 'object' ? (reservations ?? {}) : {};
}
