import { readFileSync } from 'node:fs';
import { encodeMulaw, SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { resample } from '../audio/resample.ts';
import { soundBounds } from '../audio/sound-bounds.ts';
import { readWav, WavError } from '../audio/wav.ts';

export interface RecordingFile {
  mulaw: Uint8Array;
  /** Silence at the end of the file: the speech ends so much before its last sample. */
  trailingSilenceMs: number;
}

/** Reads a person's recording as telephone audio. @throws {WavError} */
export function readRecording(file: string): RecordingFile {
  const { samples, sampleRateHz, channels } = readWav(readFileSync(file));
  if (channels !== 1) throw new WavError(`expected a mono recording, got ${channels} channels`);
  const telephone = resample(samples, sampleRateHz, SAMPLE_RATE_HZ);
  const [start, end] = soundBounds(telephone);
  if (end === start) throw new WavError('expected a recording with sound in it, got silence');
  return {
    mulaw: encodeMulaw(telephone),
    trailingSilenceMs: ((telephone.length - end) * 1000) / SAMPLE_RATE_HZ,
  };
}
