/** The environment, parsed once into one frozen object. Everything that is wrong is named at once. */
import type { z } from 'zod';
import { settings } from './config/settings.ts';

export type Config = Readonly<z.infer<typeof settings>> & { readonly cerebrium: boolean };

/** One line for each setting that is missing or malformed. Values are never repeated: some are secret. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `${problems.length} setting(s) need attention:\n${problems.map((p) => `  ${p}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** @param env Environment variables; empty ones count as not set. @throws {ConfigError} */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in settings.shape && value?.trim() !== ''),
  );
  const parsed = settings.safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => describe(issue, given));
  // Cerebrium starts every container with these three set.
  const cerebrium = Boolean(env.APP_NAME && env.PROJECT_ID && env.BUILD_ID);
  if (cerebrium && !given.CEREBRIUM_PROJECT_ID) {
    problems.push(
      'CEREBRIUM_PROJECT_ID: expected the project id, as this runs on Cerebrium; it is not set',
    );
  }
  if (!given.ULTRAVOX_URL && !given.HF_TOKEN) {
    problems.push(
      'HF_TOKEN: expected a Hugging Face token, as without ULTRAVOX_URL vLLM is started here; it is not set',
    );
  }
  if (!given.ULTRAVOX_URL && parsed.success) problems.push(...vllmProblems(parsed.data));
  if (given.BOOKING_WEBHOOK_URL && !given.BOOKING_WEBHOOK_SECRET) {
    problems.push(
      'BOOKING_WEBHOOK_SECRET: expected a secret, as bookings are sent to a webhook; it is not set',
    );
  }
  if (given.OUTBOUND_COUNTRIES && !given.OUTBOUND_FROM) {
    problems.push(
      'OUTBOUND_FROM: expected a number of the account, as outbound calls are allowed; it is not set',
    );
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({ ...parsed.data, cerebrium });
}

/** What the settings of a vLLM that is started here ask of others. */
function vllmProblems(parsed: z.infer<typeof settings>): string[] {
  const problems: string[] = [];
  if (parsed.ENGINE_MAX_STREAMS > parsed.VLLM_MAX_NUM_SEQS) {
    problems.push(
      'ENGINE_MAX_STREAMS: expected no more than VLLM_MAX_NUM_SEQS, as vLLM would keep the others waiting; it is more',
    );
  }
  if (parsed.VLLM_PORT === parsed.PORT) {
    problems.push('VLLM_PORT: expected another port than PORT; it is the same');
  }
  return problems;
}

function describe(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const name = String(issue.path[0]);
  const came = given[name] === undefined ? 'it is not set' : 'what it holds is something else';
  return `${name}: ${issue.message}; ${came}`;
}
