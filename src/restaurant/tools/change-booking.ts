import { z } from 'zod';
import { bookingHandle, date, party, time } from '../argument.ts';
import { tool } from '../tool.ts';
import { accepted, bookingFacts, refused, refusedByBook, spokenWish } from '../tool-answer.ts';

export const changeBooking = tool({
  name: 'change_booking',
  description: 'Move a booking that was found or made in this call. Give only what changes.',
  schema: z.strictObject({
    booking: bookingHandle,
    date: date.optional(),
    time: time.optional(),
    party: party.optional(),
  }),
  needs: 'write',
  async run(args, call) {
    const booking = call.bookings.get(args.booking);
    if (!booking) {
      return refused(`There is no ${args.booking} in this call.`, 'Use find_booking first.');
    }
    const { reservation, handle } = booking;
    if (reservation.status === 'held') {
      return refused(`${handle} is not booked yet.`, 'Use hold_table with the new wish.');
    }
    if (reservation.status !== 'confirmed') {
      return refused(`${handle} is cancelled.`, 'Use hold_table for a new booking.');
    }
    const wish = {
      date: args.date ?? reservation.date,
      time: args.time ?? reservation.time,
      partySize: args.party ?? reservation.partySize,
    };
    if (spokenWish(wish) === spokenWish(reservation)) {
      return refused('Nothing would change.', 'Ask for the new day, time or number of people.');
    }
    const outcome = await call.book.change(call.key, reservation.id, wish);
    if (!outcome.done) return refusedByBook(outcome, wish, call);
    call.bookings.became(booking, outcome.reservation);
    return accepted(
      `Changed. It is now ${spokenWish(outcome.reservation)}. Say so.`,
      bookingFacts(booking),
    );
  },
});
