import { z } from 'zod';
import { date, guestName, note, party, phone, time } from '../argument.ts';
import type { CallBooking } from '../call-bookings.ts';
import { guestPhone } from '../contact-phone.ts';
import type { DeskAnswer } from '../desk-answer.ts';
import type { Guest, Refusal, Wish } from '../reservation-book.ts';
import { type ToolCall, tool } from '../tool.ts';
import {
  accepted,
  bookingFacts,
  NO_PHONE_NUMBER,
  refused,
  refusedByBook,
  spokenWish,
} from '../tool-answer.ts';

export const holdTable = tool({
  name: 'hold_table',
  description:
    'Hold a table for a few minutes. Then read it back and wait for a yes. The phone is known: give one only if the caller names another.',
  schema: z.strictObject({
    date,
    time,
    party,
    name: guestName,
    phone: phone.optional(),
    note: note.optional(),
  }),
  needs: 'write',
  async run(args, call) {
    const { bookings } = call;
    if (bookings.hasBookedEnough() || bookings.isFull) return enough();
    const wish = { date: args.date, time: args.time, partySize: args.party };
    const number = guestPhone(args.phone, call);
    if (args.phone !== undefined && number === undefined) return NO_PHONE_NUMBER;
    bookings.callerName = args.name;
    const guest = {
      name: args.name,
      ...(number !== undefined && { phone: number }),
      ...(args.note !== undefined && { note: args.note }),
    };
    const same = sameAgain({ ...wish, ...guest }, call);
    if (same) return same;
    const outcome = await call.book.hold(call.key, {
      ...wish,
      ...guest,
      callSid: call.callSid,
    });
    if (!outcome.done) return notHeld(outcome, wish, call);
    const { turn, nowMs } = call;
    const { expiresAt, reservation } = outcome;
    // Read back by nobody, it could not be confirmed; asked again it is the same hold, or it lapses.
    if (call.isLate()) return refused('The hold came too late.');
    const { booking, released } = bookings.held(reservation, { turn, expiresAt, nowMs });
    for (const hold of released) call.release(hold.reservation.id);
    return held(booking);
  },
});

function held(booking: CallBooking): DeskAnswer {
  const { reservation } = booking;
  return accepted(
    `Held, NOT booked yet. Read this back and ask for a yes: ${spokenWish(reservation)}, name ${reservation.name}. After the yes use confirm_booking.`,
    bookingFacts(booking),
  );
}

/** After a yes small models hold once more what they should confirm; that must not begin anew. */
function sameAgain(wanted: Wish & Guest, { bookings, nowMs }: ToolCall): DeskAnswer | undefined {
  const fields = ['date', 'time', 'partySize', 'name', 'phone', 'note'] as const;
  const isSame = ({ reservation }: CallBooking) =>
    fields.every((field) => reservation[field] === wanted[field]);
  const hold = bookings.holds(nowMs).find(isSame);
  if (hold) return held(hold);
  const booked = bookings.all.find((each) => {
    return each.reservation.status === 'confirmed' && isSame(each);
  });
  return booked && refused(`That is booked already, as ${booked.handle}.`, 'Say so.');
}

function enough(): DeskAnswer {
  return refused('No more tables can be booked in one call.', 'Offer a person or a message.');
}

/** A table that this caller holds for the same day may be what stands in the way. */
function notHeld(refusal: Refusal, wish: Wish, call: ToolCall): DeskAnswer {
  const own = call.bookings
    .holds(call.nowMs)
    .find((hold) => hold.reservation.date === wish.date && refusal.reason === 'full');
  if (!own) return refusedByBook(refusal, wish, call);
  const times = refusal.alternatives?.slice(0, 4).join(', ') ?? '';
  return refused(
    `There is no free table on ${spokenWish(wish)}. ${own.handle} at ${own.reservation.time} is still held.`,
    `${times && `Offer another time: ${times}. `}If the caller gives ${own.handle} up, cancel it and try again.`,
  );
}
