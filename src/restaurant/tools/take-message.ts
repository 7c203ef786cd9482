import { z } from 'zod';
import { guestName, messageText, oneOf, phone } from '../argument.ts';
import { guestPhone } from '../contact-phone.ts';
import type { Profile } from '../profile.ts';
import { type Tool, tool } from '../tool.ts';
import { accepted, NO_PHONE_NUMBER, refused } from '../tool-answer.ts';

const MAX_MESSAGES = 3;

export function takeMessage(profile: Profile): Tool {
  const names = Object.keys(profile.staff);
  const fields = { text: messageText, name: guestName.optional(), phone: phone.optional() };
  return tool<z.infer<z.ZodObject<typeof fields>> & { destination?: unknown }>({
    name: 'take_message',
    description: 'Write down a message for the restaurant, so that a person calls back.',
    schema: z.strictObject(
      names.length > 0 ? { ...fields, destination: oneOf(names).optional() } : fields,
    ),
    needs: 'message',
    async run(args, call) {
      if (call.bookings.messages >= MAX_MESSAGES) {
        return refused(`${MAX_MESSAGES} messages were taken already.`, 'Offer a person.');
      }
      const number = guestPhone(args.phone, call);
      if (args.phone !== undefined && number === undefined) return NO_PHONE_NUMBER;
      // Counted before it is known: a message that may have been taken counts.
      call.bookings.messages += 1;
      if (args.name !== undefined) call.bookings.callerName = args.name;
      await call.takeMessage({
        text: args.text,
        ...(args.name !== undefined && { name: args.name }),
        ...(number !== undefined && { phone: number }),
        ...(typeof args.destination === 'string' && { destination: args.destination }),
      });
      return accepted('The message is taken. Say that somebody will call back.');
    },
  });
}
