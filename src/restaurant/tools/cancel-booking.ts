import { z } from 'zod';
import { bookingHandle } from '../argument.ts';
import { tool } from '../tool.ts';
import { accepted, bookingFacts, refused, refusedByBook, spokenWish } from '../tool-answer.ts';

export const cancelBooking = tool({
  name: 'cancel_booking',
  description: 'Cancel a booking or hold of this call, after the caller said yes.',
  schema: z.strictObject({ booking: bookingHandle }),
  needs: 'write',
  async run(args, call) {
    const booking = call.bookings.get(args.booking);
    if (!booking) {
      return refused(`There is no ${args.booking} in this call.`, 'Use find_booking first.');
    }
    const { reservation, handle } = booking;
    if (reservation.status !== 'confirmed' && reservation.status !== 'held') {
      return refused(`${handle} is cancelled already.`, 'Say so.');
    }
    const outcome = await call.book.cancel(call.key, reservation.id);
    if (!outcome.done) return refusedByBook(outcome, reservation, call);
    call.bookings.became(booking, outcome.reservation);
    return accepted(`Cancelled: ${spokenWish(reservation)}. Say so.`, bookingFacts(booking));
  },
});
