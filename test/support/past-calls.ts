/** Records of two weeks of calls that never took place, for looking at plots. The same each time. */
import { latenciesOf, type TurnStages } from '../../src/call/turn-stages.ts';
import type { JournalEntry } from '../../src/journal/journal-entry.ts';
import { turnRow } from './journal-rows.ts';

const DAY_MS = 86_400_000;
const DAYS = 14;
/** Of hundred calls. */
const OUTCOMES: readonly (readonly [share: number, outcome: string, reason: string | null])[] = [
  [78, 'completed', null],
  [11, 'handedOff', null],
  [4, 'voicemail', null],
  [4, 'abandoned', null],
  [2, 'timedOut', 'idle'],
  [1, 'failed', null],
];

/** @param until The last of them is before it, ms since 1970. */
export function pastCalls(until: number): JournalEntry[] {
  const draw = sequence();
  const entries: JournalEntry[] = [];
  for (let day = DAYS; day > 0; day--) {
    const calls = 18 + Math.floor(draw() * 14) + (day % 7 < 2 ? 16 : 0);
    for (let call = 0; call < calls; call++) {
      const startedAt = until - day * DAY_MS - Math.floor(draw() * 9 * 3_600_000);
      entries.push(...pastCall(`${day}-${call}`, startedAt, draw));
    }
  }
  return entries;
}

function pastCall(key: string, startedAt: number, draw: () => number): JournalEntry[] {
  const callSid = `CA${Buffer.from(key).toString('hex').padStart(32, '0')}`;
  const [outcome, reason] = outcomeOf(draw() * 100);
  const answers = outcome === 'abandoned' ? 0 : 2 + Math.floor(draw() * 9);
  const durationMs = 12_000 + answers * 9000 + Math.floor(draw() * 20_000);
  const answered = Array.from({ length: answers }, () => stages(draw));
  const fields = {
    started_at: startedAt,
    ended_at: startedAt + durationMs,
    duration_ms: durationMs,
    outcome,
    outcome_is_own: 1,
    reason,
    turns: answers,
    interruptions: Math.floor(draw() * draw() * 4),
    reprompts: draw() < 0.08 ? 1 : 0,
    failures: outcome === 'failed' ? 3 : 0,
    dead_air_ms: 600 + Math.floor(draw() * draw() * 1800),
    caller_last4: String(1000 + Math.floor(draw() * 8999)),
    tool_calls: JSON.stringify({ check_availability: 1, hold_table: draw() < 0.6 ? 1 : 0 }),
    latencies: JSON.stringify(latenciesOf(answered)),
    tags: JSON.stringify(draw() < 0.55 ? ['reservation'] : ['opening hours']),
  };
  const turns = answered.map((answer, turn): JournalEntry => {
    const at = startedAt + 8000 + turn * 9000;
    const latencies = JSON.stringify(answer);
    const row = turnRow({ call_sid: callSid, turn, at, text: null, language: 'en', latencies });
    return { kind: 'turn', row };
  });
  return [{ kind: 'call', callSid, fields }, ...turns];
}

function stages(draw: () => number): TurnStages {
  const [queue, slow] = [draw() * draw() * 60, draw() < 0.06 ? draw() * 700 : 0];
  const firstToken = 130 + draw() * 70 + slow;
  const voice = 70 + draw() * 60;
  const endpoint = draw() < 0.2 ? 700 : 520 + draw() * 32;
  const wire = 1 + draw() * 4;
  // Prepared from the pause on: most of it is done before the turn is judged over.
  const response = Math.max(endpoint, 232 + queue + firstToken + 40 + voice) + wire;
  const round = (ms: number) => Math.round(ms * 10) / 10;
  return {
    endpoint: round(endpoint),
    queue: round(queue),
    firstToken: round(firstToken),
    voice: round(voice),
    wire: round(wire),
    response: round(response),
  };
}

function outcomeOf(drawn: number): readonly [outcome: string, reason: string | null] {
  let sum = 0;
  for (const [share, outcome, reason] of OUTCOMES) {
    sum += share;
    if (drawn < sum) return [outcome, reason];
  }
  return ['completed', null];
}

/** Numbers from 0 to 1, the same for each run: a linear congruential generator. */
function sequence(): () => number {
  let state = 20_261_125;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
