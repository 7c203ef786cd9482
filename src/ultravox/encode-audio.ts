/** Sound as the engine is sent it. */
import { decodeMulaw, SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { mulawWav, writeWav } from '../audio/wav.ts';
import type { ContentPart } from './engine-client.ts';

/**
 * Mono WAV at 8 kHz either way; vLLM resamples to the model's 16 kHz itself. `mulaw` is the
 * telephone's own encoding: half the bytes of `pcm16`, and nothing to convert.
 */
export type AudioFormat = 'mulaw' | 'pcm16';

export function encodeAudio(mulaw: Uint8Array, format: AudioFormat): ContentPart {
  const file =
    format === 'mulaw'
      ? mulawWav(mulaw)
      : writeWav({ sampleRateHz: SAMPLE_RATE_HZ, channels: 1, samples: decodeMulaw(mulaw) });
  const data = Buffer.from(file.buffer).toString('base64');
  return { type: 'input_audio', input_audio: { data, format: 'wav' } };
}
