/** `cerebrium.toml` as far as calls depend on it; defaults are Cerebrium's. */
import { z } from 'zod';
import { failure, type Problem, warning } from './finding.ts';

export const cerebriumSchema = z.object({
  cerebrium: z.object({
    deployment: z.object({ disable_auth: z.boolean().default(false) }),
    runtime: z.object({
      custom: z.object({
        port: z.number(),
        healthcheck_endpoint: z.string().default(''),
        readycheck_endpoint: z.string().default(''),
        dockerfile_path: z.string().optional(),
      }),
    }),
    hardware: z.object({ compute: z.union([z.string(), z.array(z.string())]).default('CPU') }),
    scaling: z
      .object({
        min_replicas: z.number().default(0),
        replica_concurrency: z.number().optional(),
        response_grace_period: z.number().default(900),
      })
      .prefault({}),
  }),
});
export type CerebriumFile = z.infer<typeof cerebriumSchema>;

export interface ServerLimits {
  port: number;
  maxCalls: number;
  /** How long a call may last, s. */
  callCapS: number;
  /** How long calls may go on after SIGTERM, s. */
  shutdownGraceS: number;
}

/** A call at its cap is still told goodbye. */
const GOODBYE_S = 60;
/** After the last call: transcripts and summaries for 10 s, the journal for 5 s. */
const AFTER_CALLS_S = 15;
/** Cerebrium's defaults, with a GPU and without. */
const GPU_CONCURRENCY = 1;
const CPU_CONCURRENCY = 100;

export function cerebriumProblems(file: CerebriumFile, limits: ServerLimits): Problem[] {
  const { deployment, scaling } = file.cerebrium;
  const problems = [...endpointProblems(file, limits), ...graceProblems(file, limits)];
  if (!deployment.disable_auth) {
    const found = 'disable_auth is not set, and Twilio cannot log in';
    problems.push(failure(found, 'set disable_auth = true: the server checks signatures'));
  }
  const concurrency = scaling.replica_concurrency ?? defaultConcurrency(file);
  if (concurrency < limits.maxCalls) {
    const found = `replica_concurrency ${concurrency} is less than MAX_CALLS ${limits.maxCalls}`;
    problems.push(
      warning(found, `set replica_concurrency to ${limits.maxCalls}, or MAX_CALLS to it`),
    );
  }
  if (concurrency > limits.maxCalls * 2) {
    const found = `replica_concurrency ${concurrency} is more than twice MAX_CALLS: callers are refused while others could take them`;
    problems.push(warning(found, `set replica_concurrency nearer to MAX_CALLS ${limits.maxCalls}`));
  }
  if (scaling.min_replicas < 1) {
    const next = 'set min_replicas to 1 at least, while callers are expected';
    problems.push(warning('min_replicas is 0: the first caller waits for a start', next));
  }
  return problems;
}

function defaultConcurrency({ cerebrium }: CerebriumFile): number {
  return [cerebrium.hardware.compute].flat().includes('CPU') ? CPU_CONCURRENCY : GPU_CONCURRENCY;
}

/** It bounds a request as well as a shutdown: a longer call is cut. */
function graceProblems({ cerebrium }: CerebriumFile, limits: ServerLimits): Problem[] {
  const grace = cerebrium.scaling.response_grace_period;
  const least = limits.callCapS + GOODBYE_S;
  const whole = limits.shutdownGraceS + AFTER_CALLS_S;
  if (grace < least) {
    const found = `response_grace_period is ${grace} s, and calls last up to ${limits.callCapS} s`;
    return [failure(found, `set response_grace_period to ${Math.max(least, whole)}`)];
  }
  if (grace >= whole) return [];
  const found = `response_grace_period is ${grace} s, and a shutdown takes up to ${whole} s`;
  return [warning(found, `set response_grace_period to ${whole}`)];
}

function endpointProblems({ cerebrium }: CerebriumFile, { port }: ServerLimits): Problem[] {
  const { custom } = cerebrium.runtime;
  const problems: Problem[] = [];
  if (custom.port !== port) {
    const found = `port is ${custom.port}, and the server listens on ${port}`;
    problems.push(failure(found, `set port to ${port}, or PORT to ${custom.port}`));
  }
  if (custom.healthcheck_endpoint === '/ready') {
    const found = 'healthcheck_endpoint is /ready: an engine that fails would end all calls';
    problems.push(failure(found, "set healthcheck_endpoint to '/health'"));
  } else if (custom.healthcheck_endpoint !== '/health') {
    const found = 'healthcheck_endpoint is not /health';
    problems.push(warning(found, "set healthcheck_endpoint to '/health'"));
  }
  if (custom.readycheck_endpoint !== '/ready') {
    const found = 'readycheck_endpoint is not /ready: calls come to a server that takes none';
    problems.push(warning(found, "set readycheck_endpoint to '/ready'"));
  }
  return problems;
}
