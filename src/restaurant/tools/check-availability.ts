import { z } from 'zod';
import { date, party, time } from '../argument.ts';
import { tool } from '../tool.ts';
import { accepted, refusedByBook, spokenWish } from '../tool-answer.ts';

export const checkAvailability = tool({
  name: 'check_availability',
  description: 'Is a table free? Books nothing.',
  schema: z.strictObject({ date, time, party }),
  needs: 'read',
  async run(args, call) {
    const wish = { date: args.date, time: args.time, partySize: args.party };
    const outcome = await call.book.availability(wish);
    if (!outcome.done) return refusedByBook(outcome, wish, call);
    return accepted(
      `A table is free on ${spokenWish(wish)}. Ask for the name, then use hold_table.`,
    );
  },
});
