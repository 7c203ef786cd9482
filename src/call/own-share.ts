import type { TurnTiming } from './turn-clock.ts';

/**
 * What of an answer's time was ours alone, in ms, whether the caller waited for it or not; undefined
 * where it is not known. From the sound that decides to the decision, from the engine's slot to the
 * request on its way, from the output that completes the first clause to the clause on its way to the
 * voice, from the first sound (or the decision, if that came later) to its first byte on the wire.
 * Silence that is waited for, the engine's line, engine and voice are no part of it.
 */
export function ownShareMs(timing: TurnTiming): number | undefined {
  const { finishedMs, startedMs, firstSoundMs, audibleMs } = timing;
  const { heardMs, sentMs, clauseWrittenMs, voiceAskedMs } = timing;
  if (heardMs === undefined || sentMs === undefined) return undefined;
  if (clauseWrittenMs === undefined || voiceAskedMs === undefined) return undefined;
  const decided = finishedMs - heardMs;
  const asked = sentMs - startedMs;
  const spoken = voiceAskedMs - clauseWrittenMs;
  const sent = audibleMs - Math.max(finishedMs, firstSoundMs);
  return decided + asked + spoken + sent;
}
