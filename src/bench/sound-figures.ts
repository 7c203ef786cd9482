import { percentile } from '../percentile.ts';
import type { Playout } from '../twilio/playout-log.ts';

/** How true to time the agent's sound was sent, by the server's clock. */
export interface SoundFigures {
  messages: number;
  /** By how much messages were sent after the moment that the pacer had set, ms. */
  late: { p99: number; max: number };
  messagesTooLate: number;
  /** Sound that ran out in the caller's ear before more of its generation was sent. */
  gaps: number;
  longestGapMs: number;
}

/** More than this is too late. It is a tenth of the sound that the caller's side holds. */
const TOO_LATE_MS = 40;

export function soundFigures(playouts: readonly Pick<Playout, 'sent'>[]): SoundFigures {
  const lateMs = playouts.flatMap(({ sent }) => sent.map(([, , late]) => late));
  const gapsMs = playouts.flatMap(({ sent }) => gapsOf(sent));
  return {
    messages: lateMs.length,
    late: { p99: percentile(lateMs, 0.99), max: percentile(lateMs, 1) },
    messagesTooLate: lateMs.filter((late) => late > TOO_LATE_MS).length,
    gaps: gapsMs.length,
    longestGapMs: Math.max(0, ...gapsMs),
  };
}

function gapsOf(sent: Playout['sent']): number[] {
  const gaps: number[] = [];
  let runsOutAt = sent[0]?.[0] ?? 0;
  for (const [at, ms] of sent) {
    if (at > runsOutAt) gaps.push(at - runsOutAt);
    runsOutAt = Math.max(at, runsOutAt) + ms;
  }
  return gaps;
}
