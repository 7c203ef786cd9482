/** How long a webhook may take, and after what it is tried again: its URL's fragment says so. */
export interface ConnectionOverrides {
  /** After the first attempt. */
  retries: number;
  /** From the beginning of an attempt to its answer. */
  answerMs: number;
  /** All attempts together. */
  totalMs: number;
  isTriedAgain(outcome: AttemptOutcome): boolean;
}

/** The status of an answer, or why there was none; `invalid`: there is nobody to be asked. */
export type AttemptOutcome = number | 'unreachable' | 'noAnswer' | 'invalid';

/** Twilio waits for no answer longer than this. */
const MOST_MS = 15_000;
const MOST_RETRIES = 5;

/** Without a word of it: once more, where nobody could be reached. */
export function connectionOverrides(url: string): ConnectionOverrides {
  const overrides = new URLSearchParams(/#(.*)$/.exec(url)?.[1] ?? '');
  const number = (name: string, usual: number, least: number, most: number) => {
    const given = Number(overrides.get(name) ?? usual);
    return Math.min(most, Math.max(least, Number.isInteger(given) ? given : usual));
  };
  const policies = (overrides.get('rp') ?? 'ct').split(',');
  const isAsked = (name: string) => policies.includes(name) || policies.includes('all');
  return {
    retries: number('rc', 1, 0, MOST_RETRIES),
    answerMs: number('rt', MOST_MS, 100, MOST_MS),
    totalMs: number('tt', MOST_MS, 100, MOST_MS),
    isTriedAgain: (outcome) => {
      if (outcome === 'invalid') return false;
      if (outcome === 'unreachable') return isAsked('ct');
      if (outcome === 'noAnswer') return isAsked('rt');
      if (outcome >= 500) return isAsked('5xx');
      return outcome >= 400 && isAsked('4xx');
    },
  };
}
