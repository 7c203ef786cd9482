import type { Check, CheckContext } from './check.ts';
import { type Finding, failure, skipped } from './finding.ts';
import { MissingSettingError } from './usable-settings.ts';

export interface CheckResult extends Finding {
  check: string;
  /** How long it took. */
  ms: number;
}

/**
 * Makes all checks at the same time; resolves in their order when the last one has ended or its time
 * is over. What is still under way then is cancelled and not waited for. Never rejects.
 */
export function runChecks(
  checks: readonly Check[],
  context: CheckContext,
  boundMs: number = BOUND_MS,
): Promise<CheckResult[]> {
  return Promise.all(checks.map((check) => runCheck(check, context, boundMs)));
}

/** Together with the start of the process, which takes 3 s on a busy machine, less than 10 s. */
const BOUND_MS = 6000;

export async function runCheck(
  check: Check,
  context: CheckContext,
  boundMs: number = BOUND_MS,
): Promise<CheckResult> {
  const startMs = performance.now();
  const scope = new AbortController();
  const late = Promise.withResolvers<Finding>();
  const timer = setTimeout(() => {
    late.resolve(failure(`no answer within ${boundMs / 1000} s`, check.remedy));
    scope.abort();
  }, boundMs);
  const checked = (async () => check.run(context, scope.signal))();
  const finding = await Promise.race([checked, late.promise]).catch((error) =>
    findingOfError(error, check.remedy),
  );
  clearTimeout(timer);
  // A check that found what it wanted to know may have left a request open.
  scope.abort();
  return { check: check.name, ...finding, ms: Math.round(performance.now() - startMs) };
}

function findingOfError(error: unknown, remedy: string): Finding {
  if (error instanceof MissingSettingError) return skipped(error.message);
  // Our own errors hold no secret; those of others may hold an address with its password.
  const isOurs = error instanceof Error && 'kind' in error;
  const found = isOurs
    ? error.message
    : `unexpected ${error instanceof Error ? error.name : 'error'}`;
  return failure(found, remedy);
}
