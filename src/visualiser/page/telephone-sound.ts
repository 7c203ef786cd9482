/**
 * A telephone between a sound card and 8 kHz mu-law: what the audio thread does, without the thread.
 * Pure: it is given what the microphone heard and gives what the speaker is to play.
 */
import { decodeMulaw, encodeMulaw, SAMPLE_RATE_HZ } from '../../audio/mulaw.ts';
import { PlayoutBuffer } from './playout-buffer.ts';
import { Resampler } from './resampler.ts';

/** 20 ms, as Twilio sends them. */
export const FRAME_BYTES = 160;
/** Of the agent's sound, taken at once: 1 ms, so that a clear takes effect at once, too. */
const SLICE_BYTES = 8;
const FULL_SCALE = 32768;
/** What a meter shows of silence. */
export const QUIETEST_DB = -90;

/** What the shell is told. */
export type SoundNews =
  | {
      type: 'frame';
      /** The caller's sound. */
      mulaw: Uint8Array;
      /** Levels of both sides in these 20 ms, dB below full scale. */
      spokenDb: number;
      heardDb: number;
    }
  /** Marks whose place has been played, or cleared. */
  | { type: 'reached'; names: string[] };

/** What the shell tells. */
export type SoundOrder =
  | { type: 'play'; mulaw: Uint8Array }
  | { type: 'mark'; name: string }
  | { type: 'clear' };

export class TelephoneSound {
  readonly #down: Resampler;
  readonly #up: Resampler;
  readonly #playout = new PlayoutBuffer();
  readonly #frame = new Int16Array(FRAME_BYTES);
  #framed = 0;
  /** Marks whose sound is on its way through the filter, until the next time. */
  #passing: string[] = [];
  /** For the speaker, at its own rate. */
  #ready = new Float32Array(0);
  /** Sum of squares of what was played since the last frame. */
  #heardEnergy = 0;
  #heardSamples = 0;

  /** @param contextHz of the sound card; @throws {RangeError} */
  constructor(contextHz: number) {
    this.#down = new Resampler(contextHz, SAMPLE_RATE_HZ);
    this.#up = new Resampler(SAMPLE_RATE_HZ, contextHz);
  }

  order(order: SoundOrder): SoundNews[] {
    if (order.type === 'play') {
      this.#playout.push(order.mulaw);
      return [];
    }
    if (order.type === 'clear')
      return reached([...this.#passing.splice(0), ...this.#playout.clear()]);
    const names = this.#playout.mark(order.name);
    if (this.#passing.length === 0) return reached(names);
    this.#passing.push(...names);
    return [];
  }

  /** @param microphone as long as `speaker`, which is filled */
  render(microphone: Float32Array, speaker: Float32Array): SoundNews[] {
    return [...this.#play(speaker), ...this.#listen(microphone)];
  }

  #listen(microphone: Float32Array): SoundNews[] {
    const news: SoundNews[] = [];
    for (const sample of this.#down.push(microphone)) {
      this.#frame[this.#framed++] = clipped(sample * FULL_SCALE);
      if (this.#framed < FRAME_BYTES) continue;
      this.#framed = 0;
      const spokenDb = levelDb(energyOf(this.#frame), FRAME_BYTES);
      const heardDb = levelDb(this.#heardEnergy, this.#heardSamples);
      this.#heardEnergy = 0;
      this.#heardSamples = 0;
      news.push({ type: 'frame', mulaw: encodeMulaw(this.#frame), spokenDb, heardDb });
    }
    return news;
  }

  #play(speaker: Float32Array): SoundNews[] {
    const names = this.#passing.splice(0);
    while (this.#ready.length < speaker.length) {
      const { mulaw, reached: marks } = this.#playout.take(SLICE_BYTES);
      this.#passing.push(...marks);
      this.#ready = joined(this.#ready, this.#up.push(this.#heard(mulaw)));
    }
    speaker.set(this.#ready.subarray(0, speaker.length));
    this.#ready = this.#ready.slice(speaker.length);
    return reached(names);
  }

  /** Always a whole slice: silence where there is nothing to play. */
  #heard(mulaw: Uint8Array): Float32Array {
    const samples = decodeMulaw(mulaw);
    this.#heardEnergy += energyOf(samples);
    this.#heardSamples += SLICE_BYTES;
    return Float32Array.from({ length: SLICE_BYTES }, (_, i) => (samples[i] ?? 0) / FULL_SCALE);
  }
}

function reached(names: string[]): SoundNews[] {
  return names.length > 0 ? [{ type: 'reached', names }] : [];
}

function clipped(value: number): number {
  return Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(value)));
}

function energyOf(samples: Int16Array): number {
  return samples.reduce((sum, sample) => sum + sample * sample, 0);
}

function levelDb(energy: number, samples: number): number {
  const share = samples > 0 ? energy / samples / FULL_SCALE ** 2 : 0;
  return Math.max(QUIETEST_DB, 10 * Math.log10(share));
}

function joined(a: Float32Array, b: Float32Array): Float32Array<ArrayBuffer> {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
