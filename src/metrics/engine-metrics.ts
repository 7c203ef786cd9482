import { Counter, Histogram, type Registry } from 'prom-client';
import { fixedLabel, OTHER } from './fixed-label.ts';
import { WAIT_EDGES_S } from './latency-edges.ts';

/** All values that labels of the engine's requests may have. */
export interface EngineLabels {
  priorities: readonly string[];
  /** How a request may end. */
  requestOutcomes: readonly string[];
  failures: readonly string[];
  /** Why the second voice may have taken over. */
  voiceFailures: readonly string[];
}

/** A request's way through the queue, once it is over; ms. */
export interface EndedRequest {
  priority: string;
  outcome: string;
  /** Of one that failed. */
  failure: string | undefined;
  /** In line, until it was served or left. */
  waitMs: number;
  /** From the slot to the first token; undefined: there was none. */
  firstTokenMs: number | undefined;
  tokens: { input: number; output: number } | undefined;
}

export interface EngineMetrics {
  requestEnded(request: EndedRequest): void;
  voiceFellBack(failure: string): void;
}

export function engineMetrics(registry: Registry, labels: EngineLabels): EngineMetrics {
  const fallbacks = new Counter({
    name: 'voice_tts_fallbacks_total',
    help: 'Replies, and sentences at start, that the embedded voice took over, by what the first voice failed of',
    labelNames: ['kind'],
    registers: [registry],
  });
  for (const kind of labels.voiceFailures) fallbacks.inc({ kind }, 0);
  const kind = fixedLabel(labels.voiceFailures);
  const count = requestCount(registry, labels);
  const time = requestTimes(registry, labels.priorities);
  return {
    requestEnded: (request) => {
      count(request);
      time(request);
    },
    voiceFellBack: (failure) => fallbacks.inc({ kind: kind(failure) }),
  };
}

function requestCount(registry: Registry, labels: EngineLabels): EngineMetrics['requestEnded'] {
  const registers = [registry];
  const requests = new Counter({
    name: 'voice_engine_requests_total',
    help: 'Requests to the engine that ended, by priority and outcome',
    labelNames: ['priority', 'outcome'],
    registers,
  });
  for (const priority of labels.priorities) {
    for (const outcome of labels.requestOutcomes) requests.inc({ priority, outcome }, 0);
  }
  const failures = new Counter({
    name: 'voice_engine_failures_total',
    help: 'Requests to the engine that failed, by kind; stalls are firstTokenStall and tokenStall',
    labelNames: ['kind'],
    registers,
  });
  for (const kind of [...labels.failures, OTHER]) failures.inc({ kind }, 0);
  const tokens = new Counter({
    name: 'voice_engine_tokens_total',
    help: 'Tokens of complete replies, by direction; sound counts as input',
    labelNames: ['direction'],
    registers,
  });
  const priorityOf = fixedLabel(labels.priorities);
  const outcomeOf = fixedLabel(labels.requestOutcomes);
  const kindOf = fixedLabel(labels.failures);
  return ({ priority, outcome, failure, tokens: used }) => {
    requests.inc({ priority: priorityOf(priority), outcome: outcomeOf(outcome) });
    if (failure !== undefined) failures.inc({ kind: kindOf(failure) });
    if (!used) return;
    tokens.inc({ direction: 'input' }, used.input);
    tokens.inc({ direction: 'output' }, used.output);
  };
}

function requestTimes(
  registry: Registry,
  priorities: readonly string[],
): EngineMetrics['requestEnded'] {
  const registers = [registry];
  const wait = new Histogram({
    name: 'voice_engine_queue_wait_seconds',
    help: 'How long requests stood in line, by priority',
    labelNames: ['priority'],
    buckets: WAIT_EDGES_S,
    registers,
  });
  for (const priority of priorities) wait.zero({ priority });
  const firstToken = new Histogram({
    name: 'voice_engine_first_token_seconds',
    help: "From the engine's start on a request to its first token",
    buckets: WAIT_EDGES_S,
    registers,
  });
  const label = fixedLabel(priorities);
  return ({ priority, waitMs, firstTokenMs }) => {
    wait.observe({ priority: label(priority) }, waitMs / 1000);
    if (firstTokenMs !== undefined) firstToken.observe(firstTokenMs / 1000);
  };
}
