/** Changes the sample rate of a sound that goes on, piece by piece. Pure. */

/** Of the windowed sinc, at each side: its stop band is below -70 dB. */
const ZERO_CROSSINGS = 16;
/** Leaves room for the filter's slope below the lower of the two Nyquist frequencies. */
const PASS_BAND = 0.92;
/** Browsers have rates such as 44,100 and 48,000 Hz, which take 441 phases at most. */
const MAX_TABLE = 1_000_000;

/**
 * A polyphase filter: each output sample is a sum over the input around its moment, with a kernel
 * that was worked out beforehand for that moment's place between two input samples. It is late by
 * half the kernel: about 2 ms at 8 kHz.
 */
export class Resampler {
  readonly #step: number;
  readonly #phases: number;
  readonly #taps: number;
  readonly #kernels: Float32Array;
  /** Input that is still needed, from `#first` on. */
  #kept: Float32Array;
  #length: number;
  /** The next output sample's place in `#kept`: whole samples, and phases of one. */
  #at = 0;
  #phase = 0;

  /** @throws {RangeError} The rates are not whole numbers above 0, or have next to nothing in common. */
  constructor(fromHz: number, toHz: number) {
    if (!(Number.isInteger(fromHz) && Number.isInteger(toHz) && fromHz > 0 && toHz > 0)) {
      throw new RangeError(`expected rates in whole Hz above 0, got ${fromHz} and ${toHz}`);
    }
    const common = commonDivisor(fromHz, toHz);
    this.#step = fromHz / common;
    this.#phases = toHz / common;
    const cutoff = Math.min(1, toHz / fromHz) * PASS_BAND;
    const half = Math.ceil(ZERO_CROSSINGS / cutoff);
    this.#taps = 2 * half;
    if (this.#taps * this.#phases > MAX_TABLE) {
      throw new RangeError(`expected rates with a common divisor, got ${fromHz} and ${toHz}`);
    }
    this.#kernels = kernels(this.#phases, half, cutoff);
    // Silence before the first sample.
    this.#length = half - 1;
    this.#kept = new Float32Array(this.#taps * 2);
  }

  /** @returns as much as can be told now; its length differs by one from call to call */
  push(input: Float32Array): Float32Array {
    this.#keep(input);
    const { length, step } = { length: this.#length, step: this.#step };
    const room = Math.ceil(((length - this.#at) * this.#phases) / step) + 1;
    const output = new Float32Array(Math.max(0, room));
    let count = 0;
    while (this.#at + this.#taps <= length) {
      output[count++] = this.#sample();
      this.#phase += step;
      this.#at += Math.floor(this.#phase / this.#phases);
      this.#phase %= this.#phases;
    }
    this.#forget();
    return output.subarray(0, count);
  }

  #sample(): number {
    const [kept, kernels, taps] = [this.#kept, this.#kernels, this.#taps];
    const [at, kernel] = [this.#at, this.#phase * taps];
    let sum = 0;
    for (let i = 0; i < taps; i++) sum += kept[at + i]! * kernels[kernel + i]!;
    return sum;
  }

  #keep(input: Float32Array): void {
    const length = this.#length + input.length;
    if (length > this.#kept.length) {
      const larger = new Float32Array(length * 2);
      larger.set(this.#kept.subarray(0, this.#length));
      this.#kept = larger;
    }
    this.#kept.set(input, this.#length);
    this.#length = length;
  }

  #forget(): void {
    const gone = Math.min(this.#at, this.#length);
    this.#kept.copyWithin(0, gone, this.#length);
    this.#length -= gone;
    this.#at -= gone;
  }
}

/** One kernel for each phase, one after the other; each lets a constant pass as it is. */
function kernels(phases: number, half: number, cutoff: number): Float32Array {
  const taps = 2 * half;
  const table = new Float32Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    const kernel = Float64Array.from({ length: taps }, (_, tap) => {
      const distance = tap - (half - 1) - phase / phases;
      return sinc(distance * cutoff) * blackman(distance / half);
    });
    const gain = kernel.reduce((sum, weight) => sum + weight, 0);
    table.set(
      kernel.map((weight) => weight / gain),
      phase * taps,
    );
  }
  return table;
}

function sinc(x: number): number {
  if (Math.abs(x) < 1e-9) return 1;
  return Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param x from -1 to 1 across the window; nothing beyond */
function blackman(x: number): number {
  if (Math.abs(x) >= 1) return 0;
  return 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
