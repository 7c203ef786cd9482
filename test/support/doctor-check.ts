import type { Check, CheckContext } from '../../src/doctor/check.ts';
import { type CheckResult, runCheck } from '../../src/doctor/run-checks.ts';
import { usableSettings } from '../../src/doctor/usable-settings.ts';

/** What a check finds in this environment and no other. */
export function found(
  check: Check,
  env: Record<string, string>,
  context: Partial<CheckContext> = {},
): Promise<CheckResult> {
  return runCheck(check, {
    env,
    settings: usableSettings(env),
    directory: '/nowhere',
    nodeVersion: '24.12.0',
    number: undefined,
    ...context,
  });
}
