import { z } from 'zod';
import { guestName, lastDigits } from '../argument.ts';
import { MAX_FAILED_SEARCHES } from '../call-bookings.ts';
import { tool } from '../tool.ts';
import { accepted, bookingFacts, refused } from '../tool-answer.ts';

/** As many as can be told in a sentence. */
const MAX_TOLD = 3;

export const findBooking = tool({
  name: 'find_booking',
  description: 'Find a booking made earlier. Ask for the name and the last 4 digits of the number.',
  schema: z.strictObject({ name: guestName, last_digits: lastDigits }),
  needs: 'read',
  async run(args, call) {
    const { bookings } = call;
    if (bookings.failedSearches >= MAX_FAILED_SEARCHES || bookings.isFull) {
      return refused('No more searches in this call.', 'Offer a person or a message.');
    }
    const all = await call.book.find(args.name, args.last_digits);
    if (call.isLate()) return refused('The answer came too late.');
    const upcoming = all.filter(({ status }) => status === 'confirmed').slice(0, MAX_TOLD);
    if (upcoming.length === 0) {
      bookings.failedSearches += 1;
      return refused(
        'No booking has this name and these digits.',
        'Ask for both again. Do not guess.',
      );
    }
    bookings.callerName = args.name;
    const found = upcoming.map((reservation) => bookingFacts(bookings.found(reservation)));
    return accepted('Say day, time and people, and ask what to do with it.', { found });
  },
});
