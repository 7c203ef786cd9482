import { decodeMulaw, SAMPLE_RATE_HZ } from '../../audio/mulaw.ts';
import { writeWav } from '../../audio/wav.ts';

/** The call as a WAV file: the caller in the left ear, the agent in the right. */
export function stereoWav(report: {
  callerTrack: Uint8Array;
  agentTrack: Uint8Array;
}): Uint8Array<ArrayBuffer> {
  const left = decodeMulaw(report.callerTrack);
  const right = decodeMulaw(report.agentTrack);
  const samples = new Int16Array(Math.max(left.length, right.length) * 2);
  for (let i = 0; i < left.length; i++) samples[i * 2] = left[i]!;
  for (let i = 0; i < right.length; i++) samples[i * 2 + 1] = right[i]!;
  return writeWav({ sampleRateHz: SAMPLE_RATE_HZ, channels: 2, samples });
}
