/** What the caller's telephone sends back of the agent's sound: later, softer, and changed. */
import { decodeMulaw, encodeMulaw, SAMPLE_RATE_HZ } from '../../audio/mulaw.ts';

export interface EchoPath {
  /** From the moment at which it is played. At least one frame. */
  delayMs: number;
  /** How much softer it is, in dB. */
  lossDb: number;
  /**
   * `line`: from the end of the wire. `room`: by a small loudspeaker, from the walls. `mobile`: the
   * same through a network whose codec lets delay and level waver. Default: room.
   */
  kind?: 'line' | 'room' | 'mobile';
}

export class LineEcho {
  /** A ring of what was played, the oldest at `#at`. */
  readonly #played: Float32Array;
  readonly #taps: readonly { samples: number; gain: number }[];
  readonly #kind: 'line' | 'room' | 'mobile';
  #at = 0;
  #mixed = 0;

  constructor({ delayMs, lossDb, kind = 'room' }: EchoPath) {
    const reflections = kind === 'line' ? WIRE : ROOM;
    const norm = Math.hypot(...reflections.map(([, gain]) => gain));
    const loss = 10 ** (-lossDb / 20) / norm;
    this.#taps = reflections.map(([ms, gain]) => ({
      samples: samplesOf(delayMs + ms),
      gain: gain * loss,
    }));
    this.#played = new Float32Array(samplesOf(delayMs + LONGEST_MS) + FRAME_SAMPLES);
    this.#kind = kind;
  }

  /** What the caller hears in one frame; silence where it is short. */
  heard(mulaw: Uint8Array): void {
    const played = decodeMulaw(mulaw);
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      const sample = played[i] ?? 0;
      const isSmall = this.#kind !== 'line';
      this.#played[this.#at] = isSmall ? LOUDEST * Math.tanh(sample / LOUDEST) : sample;
      this.#at = (this.#at + 1) % this.#played.length;
    }
  }

  /** The next frame of the caller's, with the echo in it; undefined is silence. */
  mix(frame: Uint8Array | undefined): Uint8Array {
    const samples = frame ? decodeMulaw(frame) : new Int16Array(FRAME_SAMPLES);
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      const sample = (samples[i] ?? 0) + this.#echo(i);
      samples[i] = Math.max(-32768, Math.min(32767, Math.round(sample)));
    }
    this.#mixed += FRAME_SAMPLES;
    return encodeMulaw(samples);
  }

  #echo(i: number): number {
    const { length } = this.#played;
    const time = this.#mixed + i;
    const isMobile = this.#kind === 'mobile';
    const waver = isMobile ? Math.round(6 * Math.sin(time / 1500) + 3 * Math.sin(time / 350)) : 0;
    let sum = 0;
    for (const { samples, gain } of this.#taps) {
      sum += gain * this.#played[(this.#at + i - samples - waver + 2 * length) % length]!;
    }
    return isMobile ? sum * (1 + 0.3 * Math.sin(time / 900)) : sum;
  }
}

const FRAME_SAMPLES = 160;
/** Amplitude beyond which a small loudspeaker gives up. */
const LOUDEST = 16_000;
type Reflections = readonly (readonly [ms: number, gain: number])[];
/** After how many ms, and how strong. */
const WIRE: Reflections = [
  [0, 1],
  [0.5, -0.7],
  [1.1, 0.4],
  [2.4, 0.2],
  [4.6, -0.1],
];
const ROOM: Reflections = [
  [0, 1],
  [1.4, -0.6],
  [3.1, 0.45],
  [7.6, -0.3],
  [13.3, 0.2],
  [24.9, -0.12],
  [41.2, 0.07],
];
/** The last of them, and the waver. */
const LONGEST_MS = 45;

function samplesOf(ms: number): number {
  return Math.round((ms * SAMPLE_RATE_HZ) / 1000);
}
