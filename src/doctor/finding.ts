/** What a check found: how it stands, in words, and the one thing to do about it. */

/**
 * - `pass`: as it should be.
 * - `warning`: calls are served, though not as they could be.
 * - `failure`: calls are not served, or will not be.
 * - `skipped`: nothing to check here, or what the check needs is missing; `found` says which.
 */
export type Outcome = 'pass' | 'warning' | 'failure' | 'skipped';

export interface Finding {
  outcome: Outcome;
  /** Never a secret, and of phone numbers the last four digits only. */
  found: string;
  /** What to do; of warnings and failures. */
  next?: string;
}

export const pass = (found: string): Finding => ({ outcome: 'pass', found });
export const skipped = (found: string): Finding => ({ outcome: 'skipped', found });
export const warning = (found: string, next: string): Problem => ({
  outcome: 'warning',
  found,
  next,
});
export const failure = (found: string, next: string): Problem => ({
  outcome: 'failure',
  found,
  next,
});

export interface Problem extends Finding {
  outcome: 'warning' | 'failure';
  next: string;
}

/** Of several problems one finding, as bad as the worst of them, which is what is to be done first. */
export function findingOf(problems: readonly Problem[], whenFine: string): Finding {
  const worstFirst = [...problems].sort((one, other) => rank(one) - rank(other));
  const [worst] = worstFirst;
  if (!worst) return pass(whenFine);
  return { ...worst, found: worstFirst.map(({ found }) => found).join('; ') };
}

/** The worst is the smallest. */
export function rank({ outcome }: Finding): number {
  return ORDER.indexOf(outcome);
}

const ORDER: readonly Outcome[] = ['failure', 'warning', 'pass', 'skipped'];
