/**
 * Takes out of the caller's sound what our own explains. The echo's delay and its strength in each
 * band are found while we speak, from the greeting on; what remains is what voice activity judges, and
 * each window is told how much of it was echo. While nothing of ours can be heard it costs nothing.
 */
import { EchoCoupling } from './echo-coupling.ts';
import { DELAYS, EchoDelay } from './echo-delay.ts';
import { PowerHistory } from './echo-history.ts';
import { LineNoise } from './echo-noise.ts';
import { EchoReference } from './echo-reference.ts';
import { BANDS, BLOCK_MS, BLOCK_SAMPLES, bandPowers, residual } from './echo-spectrum.ts';
import { SampleBlocks } from './sample-blocks.ts';
import { WINDOW_MS, WINDOW_SAMPLES } from './window-size.ts';

export class EchoGuard {
  readonly #onSamples: (samples: Int16Array) => void;
  readonly #reference = new EchoReference();
  readonly #delay = new EchoDelay();
  readonly #coupling = new EchoCoupling();
  readonly #noise = new LineNoise();
  /** A block and the one before it. */
  readonly #heard = new Int16Array(2 * BLOCK_SAMPLES);
  readonly #played = new Int16Array(2 * BLOCK_SAMPLES);
  readonly #block = this.#heard.subarray(BLOCK_SAMPLES);
  readonly #playedBlock = this.#played.subarray(BLOCK_SAMPLES);
  readonly #left = new Int16Array(BLOCK_SAMPLES);
  readonly #gathered = new SampleBlocks(this.#block, () => this.#takeBlock());
  #blocks = 0;
  /** Since anything of ours was played. */
  #silentBlocks = Number.POSITIVE_INFINITY;
  /** For so many blocks the delay may differ from what it was: each stretch of sound has its own. */
  #unsureBlocks = 0;
  readonly #heardPowers = new PowerHistory(REVIEWED_BLOCKS + 1);
  readonly #playedPowers = new PowerHistory(REVIEWED_BLOCKS + DELAYS + UNSURE_SPREAD + 1);
  readonly #audible = new Float32Array(BANDS);
  readonly #expected = new Float32Array(BANDS);
  readonly #gains = new Float32Array(BANDS);
  /** Of the last windows, by their number. */
  readonly #echoes = new Float32Array(KEPT_WINDOWS);
  #windowPower = 0;
  #windowLeft = 0;

  /** @param onSamples is given what remains, in order, 16 ms at a time, to be used at once */
  constructor(onSamples: (samples: Int16Array) => void) {
    this.#onSamples = onSamples;
  }

  /** Mu-law of ours is on its way to the caller. */
  sent(mulaw: Uint8Array): void {
    this.#reference.sent(mulaw);
  }

  /** What the caller's side has still to play is dropped. */
  cleared(): void {
    this.#reference.cleared();
  }

  /** So many samples of the caller's were lost and are not heard: what we play has gone on meanwhile. */
  skip(samples: number): void {
    this.#reference.skip(samples);
  }

  /** The delay of the echo in ms, on the way there and back; undefined while none is known. */
  get delayMs(): number | undefined {
    const { blocks } = this.#delay;
    return blocks === undefined ? undefined : blocks * BLOCK_MS;
  }

  /** What is heard, 8 kHz, any number of samples. */
  hear(samples: Int16Array): void {
    this.#gathered.push(samples);
  }

  /**
   * How much of a window's sound our own explains, 0 to 1; 0 for one that is older than 2 s.
   * @param endMs the window's end, in ms of what was heard
   */
  echoAt(endMs: number): number {
    const window = Math.round(endMs / WINDOW_MS) - 1;
    const newest = Math.floor((this.#blocks * BLOCK_SAMPLES) / WINDOW_SAMPLES) - 1;
    const isKept = window >= 0 && window <= newest && window > newest - KEPT_WINDOWS;
    return isKept ? this.#echoes[window % KEPT_WINDOWS]! : 0;
  }

  #takeBlock(): void {
    this.#blocks++;
    if (this.#reference.isEmpty) this.#silentBlocks++;
    else {
      if (this.#silentBlocks > 0) this.#unsureBlocks = UNSURE_BLOCKS;
      this.#silentBlocks = 0;
      this.#unsureBlocks--;
    }
    if (this.#silentBlocks > LONGEST_BLOCKS) this.#onSamples(this.#block);
    else this.#guard();
    if (this.#blocks % BLOCKS_PER_WINDOW === 0) this.#endWindow();
    this.#heard.copyWithin(0, BLOCK_SAMPLES);
  }

  #endWindow(): void {
    const window = this.#blocks / BLOCKS_PER_WINDOW - 1;
    const echo = this.#windowPower > 0 ? 1 - this.#windowLeft / this.#windowPower : 0;
    this.#echoes[window % KEPT_WINDOWS] = echo;
    this.#windowPower = 0;
    this.#windowLeft = 0;
  }

  #guard(): void {
    const noise = this.#noise.powers;
    const before = this.#delay.blocks;
    const heard = this.#heardPowers.next();
    const played = this.#playedPowers.next();
    this.#reference.play(this.#playedBlock);
    bandPowers(this.#heard, this.#played, heard, played);
    this.#played.copyWithin(0, BLOCK_SAMPLES);
    this.#noise.push(heard);
    this.#delay.push(heard, noise, played);
    if (this.#delay.blocks !== before) this.#review();
    this.#findAudible(0);
    this.#coupling.expect(this.#audible, this.#expected);
    this.#takeOut(heard, noise);
    this.#learn(heard, noise);
  }

  /** What was played may be heard a little sooner or later; at first, anything of the last second. */
  #findAudible(age: number): void {
    const { blocks } = this.#delay;
    const spread = this.#unsureBlocks > 0 ? UNSURE_SPREAD : 1;
    const youngest = blocks === undefined ? 0 : Math.max(0, blocks - spread);
    const oldest = blocks === undefined ? DELAYS - 1 : blocks + spread;
    this.#playedPowers.greatest(age + youngest, age + oldest, this.#audible);
  }

  /** What was learnt belongs to another delay: the last second is looked at again. */
  #review(): void {
    this.#coupling.forget();
    for (let age = REVIEWED_BLOCKS; age > 0; age--) {
      this.#findAudible(age);
      this.#coupling.review(this.#heardPowers.at(age), this.#noise.powers, this.#audible);
    }
    this.#coupling.settle();
  }

  #learn(heard: Float32Array, noise: Float32Array): void {
    const { blocks, isJudged, match } = this.#delay;
    if (blocks === undefined && !isJudged) return;
    if (blocks === undefined && match < ECHO_MATCH) this.#coupling.fade(heard, noise);
    const trust = Math.min(1, Math.max(LEAST_TRUST, 4 * (match - 0.15)));
    this.#coupling.learn(heard, noise, trust, this.#unsureBlocks <= 0);
  }

  #takeOut(heard: Float32Array, noise: Float32Array): void {
    const margin = this.#margin;
    let power = 0;
    let left = 0;
    for (let band = 0; band < BANDS; band++) {
      const sound = heard[band]!;
      // Of silence there is always some: a hole in it would sound like the end of a word.
      const rest = Math.max(sound - margin * this.#expected[band]!, Math.min(sound, noise[band]!));
      power += sound;
      left += rest;
      this.#gains[band] = sound > 0 ? Math.sqrt(rest / sound) : 1;
    }
    this.#windowPower += power;
    this.#windowLeft += left;
    const isTouched = left < TOUCHED * power;
    if (isTouched) residual(this.#gains, this.#left);
    this.#onSamples(isTouched ? this.#left : this.#block);
  }

  /** Echo is a little stronger than expected now and then. */
  get #margin(): number {
    const isUnsure = this.#unsureBlocks > 0;
    if (this.#delay.blocks !== undefined) return isUnsure ? UNSURE_MARGIN : KNOWN_MARGIN;
    // The loudest of the last second is much already; but what follows ours is echo, from wherever.
    return 1 + 6 * Math.max(0, this.#delay.match - 0.3);
  }
}

const BLOCKS_PER_WINDOW = WINDOW_SAMPLES / BLOCK_SAMPLES;
/** The longest delay, and a room. */
const LONGEST_BLOCKS = DELAYS + 4;
/** From the beginning of a stretch of sound, and how far from the known delay: 1.8 s, 96 ms. */
const UNSURE_BLOCKS = 110;
const UNSURE_SPREAD = 6;
/** A second. */
const REVIEWED_BLOCKS = 60;
/** Two seconds: voice activity answers within one, or drops the window. */
const KEPT_WINDOWS = 64;
const KNOWN_MARGIN = 3;
const UNSURE_MARGIN = 4.5;
/** A correlation that is no chance. */
const ECHO_MATCH = 0.4;
const LEAST_TRUST = 0.05;
/** Share that makes taking out worth its cost: 0.2 dB. */
const TOUCHED = 0.95;
