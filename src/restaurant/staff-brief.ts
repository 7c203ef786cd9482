/** What a person hears before taking over a call: one sentence, of facts and not of the model's prose. */
import type { CallBookings } from './call-bookings.ts';
import { spokenDay } from './spoken-day.ts';

/** Who calls, what for, and what is booked. No phone number. */
export function staffBrief(bookings: CallBookings): string {
  const booked = bookings.all
    .map(({ reservation }) => reservation)
    .filter(({ status }) => status === 'confirmed')
    .map(({ date, time, partySize }) => `${spokenDay(date)} at ${time} for ${partySize}`);
  const parts = [
    `${bookings.callerName ?? 'A caller'} is on the line`,
    bookings.transferReason && `about: ${bookings.transferReason}`,
    booked.length > 0 && `booked: ${booked.join(', and ')}`,
  ];
  return `${parts.filter(Boolean).join('; ')}.`;
}

/**
 * Of the reason that the model gave, what can be spoken: letters, digits and plain punctuation, at
 * most 120 characters. Longer numbers, which would be phones or cards, are left out.
 */
export function staffReason(said: string): string {
  return said
    .slice(0, MAX_SAID_CHARACTERS)
    .replace(/\d(?:[\s().+-]{0,3}\d){5,}/g, ' ')
    .replace(/[^\p{L}\p{M}\p{Nd} .,'’?!-]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_REASON_CHARACTERS)
    .replace(/[\s.,?!-]+$/, '');
}

const MAX_SAID_CHARACTERS = 500;
const MAX_REASON_CHARACTERS = 120;
