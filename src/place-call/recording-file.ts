import { readFileSync } from 'node:fs';
import { encodeMulaw, SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { resample } from '../audio/resample.ts';
import { soundBounds } from '../audio/sound-bounds.ts';
import { readWav, WavError } from '../audio/wav.ts';

/**
 * Reads a person's recording as telephone audio, without the silence around it: the line sends
 * silence by itself, and the last sample of the speech must be known to measure the answer.
 * @throws {WavError}
 */
export function readRecording(file: string): Uint8Array {
  const { samples, sampleRateHz, channels } = readWav(readFileSync(file));
  if (channels !== 1) throw new WavError(`expected a mono recording, got ${channels} channels`);
  const telephone = resample(samples, sampleRateHz, SAMPLE_RATE_HZ);
  const [start, end] = soundBounds(telephone);
  if (end === start) throw new WavError('expected a recording with sound in it, got silence');
  return encodeMulaw(telephone.subarray(start, end));
}
