/** What the model is told after a tool call: short JSON that says what to say next. */
import type { CallBooking } from './call-bookings.ts';
import type { DeskAnswer, DeskEffect } from './desk-answer.ts';
import { localNow } from './local-time.ts';
import type { Refusal, Wish } from './reservation-book.ts';
import { spokenDay } from './spoken-day.ts';
import type { ToolCall } from './tool.ts';

/** @param say what the model should say or do now @param facts flat, short */
export function accepted(
  say: string,
  facts: Record<string, unknown> = {},
  effect?: DeskEffect,
): DeskAnswer {
  return {
    content: JSON.stringify({ done: true, ...facts, say }),
    accepted: true,
    ...(effect && { effect }),
  };
}

/** @param why one sentence @param say what to do instead */
export function refused(why: string, say?: string): DeskAnswer {
  return { content: JSON.stringify({ done: false, why, say }), accepted: false };
}

/** `Friday 27 November at 19:30 for 4` */
export function spokenWish({ date, time, partySize }: Wish): string {
  return `${spokenDay(date)} at ${time} for ${partySize}`;
}

/** What the model may know of a booking. */
export function bookingFacts({ handle, reservation }: CallBooking) {
  const { date, time, partySize } = reservation;
  return { booking: handle, day: spokenDay(date), time, party: partySize };
}

/** The book refused. @param wish what was asked for */
export function refusedByBook(refusal: Refusal, wish: Wish, call: ToolCall): DeskAnswer {
  const times = refusal.alternatives?.slice(0, MAX_ALTERNATIVES) ?? [];
  const offer = times.length > 0 ? `Offer another time: ${times.join(', ')}.` : undefined;
  return refused(whyRefused(refusal, wish, call), offer ?? WHAT_INSTEAD[refusal.reason]);
}

const MAX_ALTERNATIVES = 4;

function whyRefused({ reason }: Refusal, wish: Wish, { profile, nowMs }: ToolCall): string {
  const { reservations: rules, timeZone } = profile;
  const day = spokenDay(wish.date);
  switch (reason) {
    case 'full':
      return `There is no free table on ${spokenWish(wish)}.`;
    case 'closed':
      return `The restaurant is closed on ${day}.`;
    case 'outsideHours':
      return `No table can be booked on ${day} at ${wish.time}.`;
    case 'notASlot':
      return `Bookings begin every ${rules.slotMinutes} minutes, on the hour and after.`;
    case 'tooSoon':
      return `A booking begins at least ${rules.leadMinutes} minutes from now.`;
    case 'tooFar':
      return `Bookings are taken at most ${rules.horizonDays} days ahead.`;
    case 'past': {
      const now = localNow({ timeZone }, nowMs);
      return `That is in the past; today is ${spokenDay(now.date)}, ${now.date}, ${now.time}.`;
    }
    case 'partyTooLarge':
      return `At most ${rules.maxPartySize} people can be booked here.`;
    case 'expired':
      return 'The hold has lapsed; nothing is booked.';
    case 'unknown':
      return 'There is no such booking any more.';
    case 'wrongState':
      return 'That booking is cancelled, or not held any more.';
  }
}

const WHAT_INSTEAD: Readonly<Record<Refusal['reason'], string>> = {
  full: 'Offer another day, or to take a message.',
  closed: 'Ask for another day.',
  outsideHours: 'Ask for another time.',
  notASlot: 'Ask for another time.',
  tooSoon: 'Ask for a later time.',
  tooFar: 'Ask for an earlier day.',
  past: 'Ask for another day or time.',
  partyTooLarge: 'Offer a person, or to take a message.',
  expired: 'Hold the table again and read it back again.',
  unknown: 'Ask the caller again.',
  wrongState: 'Say so; hold a table again if the caller wants one.',
};

export const BOOK_UNAVAILABLE = refused(
  'The reservation system does not answer; nothing is booked or changed by this.',
  'Say so, and offer to take a message or a person.',
);

export const BOOK_UNCERTAIN = refused(
  'It is not certain what was done: it may or may not have been booked.',
  'Do NOT say it is confirmed. Take a message so that a person calls back.',
);

export const MESSAGE_UNCERTAIN = refused(
  'It is not certain that the message was taken.',
  'Say so, and offer a person.',
);

export const MESSAGE_FAILED = refused('The message was not taken.', 'Say so, and offer a person.');

export const NO_PHONE_NUMBER = refused('That is no phone number.', 'Ask for it again.');

export const DID_NOT_WORK = refused('That did not work.', 'Say so, and offer a person.');

export const BUSY = refused('Too much is being asked at once; nothing was done.', 'Try once more.');
