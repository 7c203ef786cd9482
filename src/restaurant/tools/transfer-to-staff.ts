import { z } from 'zod';
import { oneOf, reason } from '../argument.ts';
import { nextReachable } from '../next-reachable.ts';
import { staffIsReachable } from '../opening-hours.ts';
import { defaultDestination, type Profile } from '../profile.ts';
import { spokenDay } from '../spoken-day.ts';
import { staffBrief, staffReason } from '../staff-brief.ts';
import { type Tool, tool } from '../tool.ts';
import { accepted, refused } from '../tool-answer.ts';

/** Not offered where there is nobody. The number is looked up by whoever dials. */
export function transferToStaff(profile: Profile): Tool | undefined {
  const names = Object.keys(profile.staff);
  const usual = defaultDestination(profile);
  if (usual === undefined) return undefined;
  const purposes = Object.entries(profile.staff).map(
    ([name, { purpose }]) => `${name}: ${purpose}`,
  );
  return tool({
    name: 'transfer_to_staff',
    description: `Give the call to a person. ${purposes.join('; ')}`,
    schema: z.strictObject({ destination: oneOf(names).optional(), reason: reason.optional() }),
    async run(args, call) {
      const destination = args.destination ?? usual;
      if (!staffIsReachable(profile, destination, call.nowMs)) {
        return unreachable(profile, destination, call.nowMs);
      }
      call.bookings.transferReason = staffReason(args.reason ?? '') || undefined;
      const brief = staffBrief(call.bookings);
      return accepted(
        'Say that you connect them now.',
        {},
        { type: 'transfer', destination, brief },
      );
    },
  });
}

function unreachable(profile: Profile, destination: string, nowMs: number) {
  const next = nextReachable(profile, destination, nowMs);
  const when = next ? ` It is again on ${spokenDay(next.date)} from ${next.time}.` : '';
  return refused(
    `${destination} cannot be reached now.${when}`,
    'Say so, and offer to take a message.',
  );
}
