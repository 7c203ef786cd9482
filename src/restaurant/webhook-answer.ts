/** What the restaurant's system may answer, by operation. Anything else is no answer. */
import { z } from 'zod';
import type { RefusalReason, Reservation } from './reservation-book.ts';

const REASONS = [
  'full',
  'closed',
  'outsideHours',
  'notASlot',
  'tooSoon',
  'tooFar',
  'past',
  'partyTooLarge',
  'expired',
  'unknown',
  'wrongState',
] as const satisfies readonly RefusalReason[];

const version = z.literal(1);
const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/);
const alternatives = z.array(time).max(4);

const reservation = z.strictObject({
  id: z.string().min(1).max(64),
  status: z.enum(['held', 'confirmed', 'cancelled', 'expired']),
  date: z.iso.date(),
  time,
  partySize: z.int().min(1).max(1000),
  name: z.string().max(80),
  phone: z.string().max(20).optional(),
  note: z.string().max(200).optional(),
});

const refusal = z.strictObject({
  version,
  done: z.literal(false),
  reason: z.enum(REASONS),
  alternatives: alternatives.optional(),
});

const done = z.literal(true);

/** What was asked for is what must come back: an answer about another booking or time is none. */
export type Expected = Partial<Pick<Reservation, 'id' | 'status' | 'date' | 'time' | 'partySize'>>;

function reservationLike(expected: Expected) {
  return reservation.refine(
    (each) =>
      (Object.keys(expected) as (keyof Expected)[]).every((key) => each[key] === expected[key]),
    'expected the booking that was asked for',
  );
}

export const availabilityAnswer = z.union([
  refusal,
  z.strictObject({ version, done, alternatives }),
]);

export function holdAnswer(expected: Expected) {
  const reservation = reservationLike({ ...expected, status: 'held' });
  return z.union([
    refusal,
    z.strictObject({ version, done, reservation, expiresAt: z.int().min(0) }),
  ]);
}

export function bookingAnswer(expected: Expected) {
  return z.union([
    refusal,
    z.strictObject({ version, done, reservation: reservationLike(expected) }),
  ]);
}

export const findAnswer = z.strictObject({
  version,
  done,
  reservations: z.array(reservationLike({ status: 'confirmed' })).max(10),
});
