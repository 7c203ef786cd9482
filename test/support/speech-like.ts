/** Sound with the rhythm and the bands of speech, the same for the same seed. */
import { encodeMulaw, SAMPLE_RATE_HZ } from '../../src/audio/mulaw.ts';

/** @returns 16-bit samples at 8 kHz: syllables of voice or hiss, each with its own length and colour */
export function speechLike(seed: number, ms: number): Int16Array {
  const random = randomOf(seed);
  const samples = new Int16Array((ms * SAMPLE_RATE_HZ) / 1000);
  for (let at = 0; at < samples.length; ) {
    const length = Math.round((0.08 + 0.2 * random()) * SAMPLE_RATE_HZ);
    const level = random() < 0.2 ? 0 : 2000 + 8000 * random();
    const isHiss = random() < 0.3;
    const [low, high] = [120 + 80 * random(), 300 + 1800 * random()];
    for (let i = 0; i < length && at + i < samples.length; i++) {
      const angle = (2 * Math.PI * i) / SAMPLE_RATE_HZ;
      const voice = 0.6 * Math.sin(low * angle) + 0.4 * Math.sin(high * angle);
      const sound = isHiss ? random() - random() : voice;
      samples[at + i] = level * Math.sin((Math.PI * i) / length) * sound;
    }
    at += length;
  }
  return samples;
}

/** Mu-law of several pieces, one after the other; a number is a silence in ms. */
export function mulawOf(...parts: (Int16Array | number)[]): Uint8Array {
  const pieces = parts.map((part) =>
    typeof part === 'number' ? new Int16Array((part * SAMPLE_RATE_HZ) / 1000) : part,
  );
  return Buffer.concat(pieces.map((piece) => encodeMulaw(piece)));
}

export function sine(frequencyHz: number, ms: number, amplitude = 4000): Int16Array {
  return Int16Array.from(
    { length: (ms * SAMPLE_RATE_HZ) / 1000 },
    (_, i) => amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / SAMPLE_RATE_HZ),
  );
}

function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
