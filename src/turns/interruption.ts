/**
 * What is said over the agent: whose voice it is, and whether it wants the floor. Duration decides, as
 * a "yes" is short; two words in a row are enough sooner, and a voice far softer than the caller's is
 * somebody else's. Pure: windows in, answers out.
 */
import { RunningQuantile } from './running-quantile.ts';
import type { TurnMode } from './turn-policy.ts';
import type { SpeechWindow } from './voice-activity.ts';
import { WINDOW_MS } from './window-size.ts';

export interface InterruptionThresholds {
  /**
   * Share of its sound that is ours, beyond which a window is not the caller's voice; `going` where the
   * agent has been stopped and the caller may be heard through what is still on its way.
   */
  maxEcho: { starting: number; going: number };
  /** In dB below the caller's usual level: over the agent, such a voice is another's. */
  softerDb: number;
  /** In dBFS: over the agent, a softer voice is nobody's. */
  softestDb: number;
  /** Two words of this length, with this gap between them. */
  words: { wordMs: number; gapMs: number; interruptMs: number };
}

export class Interruption {
  readonly #thresholds: InterruptionThresholds;
  readonly #usualLevel = new RunningQuantile(-96, 0, 1);
  /** Of what has been said since the last long silence. */
  #words: number[] = [];
  #isOurs = false;
  #lastVoicedMs = Number.NEGATIVE_INFINITY;

  constructor(thresholds: InterruptionThresholds) {
    this.#thresholds = thresholds;
  }

  /**
   * The window as far as it is the caller's: without probability where it is our own sound that comes
   * back, or, over the agent, somebody in the background.
   */
  own(window: SpeechWindow, mode: TurnMode): SpeechWindow {
    const { starting, going } = this.#thresholds.maxEcho;
    this.#isOurs = window.echo > (mode === 'interrupted' ? going : starting);
    const isOthers = mode === 'speaking' && window.levelDb < this.#softestDb;
    return this.#isOurs || isOthers ? { ...window, probability: 0 } : window;
  }

  /** @param voiced whether the window belongs to a run of speech */
  push({ endMs, levelDb }: SpeechWindow, voiced: boolean, mode: TurnMode): void {
    if (!voiced) {
      // Whether the caller went on under our own sound is not known: that is no gap between words.
      const goesOn = this.#isOurs && endMs - WINDOW_MS <= this.#lastVoicedMs;
      if (goesOn) this.#lastVoicedMs = endMs;
      return;
    }
    if (mode === 'listening' || mode === 'thinking') this.#usualLevel.push(levelDb);
    const gapMs = endMs - WINDOW_MS - this.#lastVoicedMs;
    if (gapMs >= FORGOTTEN_MS) this.forget();
    if (gapMs >= this.#thresholds.words.gapMs) this.#words.push(0);
    this.#words.push((this.#words.pop() ?? 0) + WINDOW_MS);
    if (this.#words.length > MOST_WORDS) this.#words.shift();
    this.#lastVoicedMs = endMs;
  }

  /** What was said so far is not to count for what follows. */
  forget(): void {
    this.#words = [];
  }

  /**
   * Whether what has been said over the agent so far asks for the floor.
   * @param speechMs of voice
   * @param interruptMs that is enough of one word
   */
  isReal(speechMs: number, interruptMs: number): boolean {
    const { words } = this.#thresholds;
    const spoken = this.#words.filter((wordMs) => wordMs >= words.wordMs).length;
    return speechMs >= (spoken >= 2 ? Math.min(words.interruptMs, interruptMs) : interruptMs);
  }

  get #softestDb(): number {
    const usual = this.#usualLevel.count < KNOWN_WINDOWS ? undefined : this.#usualLevel.at(0.5);
    const { softerDb, softestDb } = this.#thresholds;
    return usual === undefined ? softestDb : Math.max(softestDb, usual - softerDb);
  }
}

/** As long as the silence after which something said over the agent is over. */
const FORGOTTEN_MS = 400;
const MOST_WORDS = 8;
/** A second of the caller's voice. */
const KNOWN_WINDOWS = 32;
