/**
 * Said by the call itself, these tell only that a life of it is over: its stream broke, or it was given
 * to another process. Anything takes their place: another life, and what Twilio says of the call's end.
 */
export const PASSING_OUTCOMES = ['lost', 'continued'] as const;

export function isPassing(outcome: string): boolean {
  return PASSING_OUTCOMES.some((passing) => passing === outcome);
}
