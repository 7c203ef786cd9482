/** Finds single tones of one pitch, such as the beep of an answering machine. Pure. */
import { levelDb, SILENCE_DB } from '../audio/level.ts';
import { SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { SampleBlocks } from './sample-blocks.ts';

export interface Tone {
  frequencyHz: number;
  /** RMS, in dBFS. */
  levelDb: number;
  /** How long it has lasted so far. */
  lastsMs: number;
}

export class SteadyTone {
  readonly #block = new Int16Array(BLOCK_SAMPLES);
  readonly #blocks = new SampleBlocks(this.#block, () => this.#judge());
  #tone: Tone | undefined;
  #levelDb = SILENCE_DB;

  /** The tone that sounds at the end of what was pushed. */
  get tone(): Readonly<Tone> | undefined {
    return this.#tone;
  }

  /** RMS of the last 16 ms, in dBFS; -96 is silence. */
  get levelDb(): number {
    return this.#levelDb;
  }

  /** Any number of samples at 8 kHz. */
  push(samples: Int16Array): void {
    this.#blocks.push(samples);
  }

  /**
   * The two neighbours of a sine's sample add up to the sample times twice the cosine of its
   * frequency. What the best cosine leaves unexplained tells one sine from all else, for a few
   * operations a sample.
   */
  #judge(): void {
    let power = 0;
    let aroundPower = 0;
    let product = 0;
    for (let n = 1; n < BLOCK_SAMPLES - 1; n++) {
      const here = this.#block[n]!;
      const around = this.#block[n - 1]! + this.#block[n + 1]!;
      power += here * here;
      aroundPower += around * around;
      product += here * around;
    }
    this.#levelDb = levelDb(power / (BLOCK_SAMPLES - 2));
    if (this.#levelDb < LEAST_LEVEL_DB) {
      this.#tone = undefined;
      return;
    }
    const unexplained = (aroundPower - (product * product) / power) / power;
    const cosine = Math.min(1, Math.max(-1, product / power / 2));
    const frequencyHz = (Math.acos(cosine) * SAMPLE_RATE_HZ) / (2 * Math.PI);
    const isTone = unexplained < MOST_UNEXPLAINED && frequencyHz > LEAST_FREQUENCY_HZ;
    this.#tone = isTone ? this.#goOn(frequencyHz) : undefined;
  }

  /** The tone of the block before, or another. */
  #goOn(frequencyHz: number): Tone {
    const before = this.#tone;
    const isSame =
      before !== undefined &&
      Math.abs(frequencyHz / before.frequencyHz - 1) < MOST_DRIFT &&
      Math.abs(this.#levelDb - before.levelDb) < MOST_STEP_DB;
    const lastsMs = (isSame ? before.lastsMs : 0) + BLOCK_MS;
    return { frequencyHz, levelDb: this.#levelDb, lastsMs };
  }
}

const BLOCK_MS = 16;
const BLOCK_SAMPLES = (BLOCK_MS * SAMPLE_RATE_HZ) / 1000;
/** Below it the noise of the line is as loud. */
const LEAST_LEVEL_DB = -40;
/** Mu-law leaves less of a sine. In 177 recordings no voice stayed below it for more than 64 ms. */
const MOST_UNEXPLAINED = 0.003;
/** Below it a hummed vowel is nearly a sine, and two tones of a dial tone are nearly one. */
const LEAST_FREQUENCY_HZ = 420;
const MOST_DRIFT = 0.03;
const MOST_STEP_DB = 3;
