import type { TimelineEntry } from '../simulators/twilio/call-report.ts';

/**
 * The gaps that a caller heard within the agent's sound: its buffer had run out before more of the same
 * generation came. Late load is heard as well: the caller's ear is in the process that makes the load.
 * @returns ms, one for each gap
 */
export function heardGaps(timeline: readonly TimelineEntry[]): number[] {
  const gaps: number[] = [];
  let isWithin = false;
  let ranOutAt: number | undefined;
  for (const { type, atMs, name } of timeline) {
    if (type === 'agentQuiet' && isWithin) ranOutAt = atMs;
    if (type === 'media') {
      if (isWithin && ranOutAt !== undefined) gaps.push(atMs - ranOutAt);
      isWithin = true;
      ranOutAt = undefined;
    }
    if (type === 'clear' || (type === 'mark' && name?.endsWith(':end'))) isWithin = false;
  }
  return gaps;
}
