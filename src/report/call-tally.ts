import { STAGES, type TurnStages } from '../call/turn-stages.ts';
import type { CallRow } from '../journal/schema.ts';
import { addValue, type ValueCounts } from './value-counts.ts';

export type ReportedCall = Pick<
  CallRow,
  | 'started_at'
  | 'duration_ms'
  | 'outcome'
  | 'reason'
  | 'turns'
  | 'interruptions'
  | 'reprompts'
  | 'failures'
  | 'dead_air_ms'
  | 'tool_calls'
  | 'reservation_id'
  | 'tags'
>;

/** How a call ended, as the report counts it. */
export type Ending =
  | 'live'
  | 'completed'
  | 'handedOff'
  | 'voicemail'
  | 'abandoned'
  | 'failed'
  | 'notReached';

/** Sums over calls, from which the figures are made: they do not grow with the calls. */
export interface CallTally {
  endings: Record<Ending, number>;
  /** In which an answer failed, or that ended by a failure. */
  troubled: number;
  durationsMs: Amounts;
  deadAirMs: Amounts;
  turns: number;
  interruptions: number;
  reprompts: number;
  reservations: number;
  /** Of each answer. */
  latencies: Record<keyof TurnStages, ValueCounts>;
  toolCalls: Map<string, number>;
  tags: Map<string, number>;
}

export interface Amounts {
  count: number;
  sum: number;
  most: number;
}

export function emptyTally(): CallTally {
  return {
    endings: {
      live: 0,
      completed: 0,
      handedOff: 0,
      voicemail: 0,
      abandoned: 0,
      failed: 0,
      notReached: 0,
    },
    troubled: 0,
    durationsMs: { count: 0, sum: 0, most: 0 },
    deadAirMs: { count: 0, sum: 0, most: 0 },
    turns: 0,
    interruptions: 0,
    reprompts: 0,
    reservations: 0,
    latencies: {
      endpoint: new Map(),
      queue: new Map(),
      firstToken: new Map(),
      voice: new Map(),
      wire: new Map(),
      response: new Map(),
    },
    toolCalls: new Map(),
    tags: new Map(),
  };
}

export function addCall(tally: CallTally, call: ReportedCall): void {
  const ending = endingOf(call);
  tally.endings[ending] += 1;
  if (ending === 'failed' || (call.failures > 0 && ending !== 'notReached')) tally.troubled += 1;
  addAmount(tally.durationsMs, call.duration_ms);
  addAmount(tally.deadAirMs, call.dead_air_ms);
  tally.turns += call.turns;
  tally.interruptions += call.interruptions;
  tally.reprompts += call.reprompts;
  if (call.reservation_id !== null) tally.reservations += 1;
  const tools = parsed(call.tool_calls);
  if (typeof tools === 'object' && tools !== null) {
    for (const [name, times] of Object.entries(tools)) count(tally.toolCalls, name, times);
  }
  const tags = parsed(call.tags);
  if (Array.isArray(tags)) for (const tag of tags) count(tally.tags, String(tag), 1);
}

/** @param latencies JSON of an agent's turn */
export function addAnswer(tally: CallTally, latencies: string): void {
  const stages = parsed(latencies);
  if (typeof stages !== 'object' || stages === null) return;
  for (const stage of STAGES) {
    const ms = (stages as Partial<TurnStages>)[stage];
    if (typeof ms === 'number') addValue(tally.latencies[stage], ms);
  }
}

/**
 * A limit that ended a call after words is the agent's doing; that the engine or this server went
 * away is a failure. Outcomes that nobody here knows count as failures, so that they are noticed.
 */
export function endingOf({ outcome, reason }: Pick<CallRow, 'outcome' | 'reason'>): Ending {
  switch (outcome) {
    case null:
    // Given away by a process that went; whoever goes on with it says how it ends.
    case 'continued':
      return 'live';
    case 'completed':
    case 'handedOff':
    case 'voicemail':
    case 'abandoned':
      return outcome;
    case 'timedOut':
      return reason === 'engine' || reason === 'shutdown' ? 'failed' : 'completed';
    case 'machine':
    case 'noAnswer':
    case 'canceled':
    case 'busy':
      return 'notReached';
    default:
      return 'failed';
  }
}

function addAmount(amounts: Amounts, amount: number | null): void {
  if (amount === null) return;
  amounts.count += 1;
  amounts.sum += amount;
  amounts.most = Math.max(amounts.most, amount);
}

function count(counts: Map<string, number>, name: string, times: unknown): void {
  if (typeof times === 'number') counts.set(name, (counts.get(name) ?? 0) + times);
}

function parsed(json: string | null): unknown {
  try {
    return json === null ? null : JSON.parse(json);
  } catch {
    return null;
  }
}
