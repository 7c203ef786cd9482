import { z } from 'zod';
import { bookingHandle } from '../argument.ts';
import type { CallBooking } from '../call-bookings.ts';
import type { DeskAnswer } from '../desk-answer.ts';
import { type ToolCall, tool } from '../tool.ts';
import { accepted, bookingFacts, refused, refusedByBook, spokenWish } from '../tool-answer.ts';

export const confirmBooking = tool({
  name: 'confirm_booking',
  description: 'Book the table that was held, after the caller said yes to what you read back.',
  schema: z.strictObject({ booking: bookingHandle }),
  needs: 'write',
  async run(args, call) {
    const { bookings } = call;
    const booking = bookings.get(args.booking);
    if (!booking) {
      return refused(
        `Nothing is held as ${args.booking} in this call.`,
        'Use hold_table first, then read it back.',
      );
    }
    const why = whyNot(booking, call);
    if (why) return why;
    bookings.confirming(booking);
    const outcome = await call.book.confirm(call.key, booking.reservation.id);
    if (!outcome.done) {
      bookings.notConfirmed(booking);
      return refusedByBook(outcome, booking.reservation, call);
    }
    bookings.confirmed(booking, outcome.reservation);
    return accepted(
      `Booked: ${spokenWish(outcome.reservation)}. Say that it is confirmed.`,
      bookingFacts(booking),
    );
  },
});

function whyNot(booking: CallBooking, { bookings, turn }: ToolCall): DeskAnswer | undefined {
  const { handle, reservation, heldInTurn } = booking;
  if (reservation.status === 'confirmed') {
    return refused(`${handle} is booked already.`, `It is ${spokenWish(reservation)}.`);
  }
  if (heldInTurn === undefined) {
    return refused(`${handle} is not held any more.`, 'Use hold_table again, then read it back.');
  }
  if (turn <= heldInTurn) {
    return refused(
      'The caller has not said yes yet.',
      `Read it back and wait for a yes: ${spokenWish(reservation)}.`,
    );
  }
  if (bookings.hasBookedEnough(reservation.id)) {
    return refused('No more tables can be booked in one call.', 'Offer a person or a message.');
  }
  return undefined;
}
