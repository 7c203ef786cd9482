import { BYTES_PER_MS, MULAW_SILENCE } from '../../src/audio/mulaw.ts';
import type { CallReport } from '../../src/simulators/twilio/call-report.ts';

const FRAME_MS = 20;
const FRAME_BYTES = FRAME_MS * BYTES_PER_MS;

/**
 * The silences, in ms and in order, in which the caller waited after the last words of theirs: up to
 * the agent's first sound, and then between its sounds. Gaps shorter than `leastMs` are part of speech.
 */
export function silencesAfterLastWords(
  { callerTrack, agentTrack }: Pick<CallReport, 'callerTrack' | 'agentTrack'>,
  leastMs = 200,
): number[] {
  const from = Math.max(0, ...soundingFrames(callerTrack));
  const sounding = soundingFrames(agentTrack).filter((frame) => frame > from);
  return sounding
    .map((frame, index) => (frame - (sounding[index - 1] ?? from) - 1) * FRAME_MS)
    .filter((ms) => ms >= leastMs);
}

/** Numbers of the frames of 20 ms that are not silent. */
export function soundingFrames(mulaw: Uint8Array): number[] {
  const frames = Array.from(
    { length: Math.floor(mulaw.length / FRAME_BYTES) },
    (_, frame) => frame,
  );
  return frames.filter((frame) =>
    mulaw
      .subarray(frame * FRAME_BYTES, (frame + 1) * FRAME_BYTES)
      .some((byte) => byte !== MULAW_SILENCE && byte !== 0x7f),
  );
}
