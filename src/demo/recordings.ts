import { encodeMulaw, MULAW_SILENCE, SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { resample } from '../audio/resample.ts';
import { soundBounds } from '../audio/sound-bounds.ts';
import type { Recording } from '../simulators/ultravox/simulated-ultravox.ts';
import type { EmbeddedVoice } from '../tts/embedded-voice.ts';
import type { DemoLine } from './dialogue.ts';

/** The caller's lines, spoken by the embedded voice as telephone audio. */
export async function recordLines(
  voice: EmbeddedVoice,
  lines: readonly Pick<DemoLine, 'id' | 'says'>[],
): Promise<Map<string, Recording>> {
  const recordings = new Map<string, Recording>();
  for (const line of lines) {
    const parts: Uint8Array[] = [];
    for (const part of line.says) {
      parts.push(typeof part === 'number' ? silence(part) : await speak(voice, part));
    }
    const text = line.says.filter((part) => typeof part === 'string').join(' ');
    recordings.set(line.id, { id: line.id, text, mulaw: Buffer.concat(parts) });
  }
  return recordings;
}

async function speak(voice: EmbeddedVoice, text: string): Promise<Uint8Array> {
  const { samples, sampleRateHz } = await voice.synthesise(text, { speaker: 'rms' });
  const telephone = resample(samples, sampleRateHz, SAMPLE_RATE_HZ);
  // The synthesiser's own silence would blur when the caller's first and last samples were.
  return encodeMulaw(telephone.subarray(...soundBounds(telephone)));
}

function silence(ms: number): Uint8Array {
  return new Uint8Array((ms * SAMPLE_RATE_HZ) / 1000).fill(MULAW_SILENCE);
}
