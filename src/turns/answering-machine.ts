/**
 * Recognises the machine that takes a call of ours: words, then a beep, then silence, in which it
 * records. Pure.
 */
import { BYTES_PER_MS } from '../audio/mulaw.ts';
import { SteadyTone } from './steady-tone.ts';
import type { SpeechWindow } from './voice-activity.ts';
import { WINDOW_MS } from './window-size.ts';

export class AnsweringMachine {
  readonly #tone = new SteadyTone();
  #heardMs = 0;
  #speechMs = 0;
  #speechEndMs = 0;
  /** The first tone after words, while it may be the last. */
  #beep: { levelDb: number; endMs: number } | undefined;
  /** A person, a melody, or it is too late for a greeting. */
  #isOut = false;

  /**
   * @param samples what comes in, from the beginning of the call on
   * @returns true once: half a second after the beep
   */
  hear(samples: Int16Array): boolean {
    if (this.#isOut) return false;
    const before = this.#tone.tone;
    this.#tone.push(samples);
    this.#heardMs += samples.length / BYTES_PER_MS;
    const ended = before !== undefined && this.#tone.tone === undefined;
    if (this.#heardMs > WITHIN_MS) this.#isOut = true;
    else if (this.#beep) return this.#awaitSilence(this.#beep);
    else if (ended && before.lastsMs >= BEEP_MS.least && before.lastsMs <= BEEP_MS.most) {
      if (this.#spokeBefore(before.lastsMs)) {
        this.#beep = { levelDb: before.levelDb, endMs: this.#heardMs };
      }
    }
    return false;
  }

  judge({ probability, endMs }: SpeechWindow): void {
    if (this.#isOut || probability < SPEECH_PROBABILITY) return;
    this.#speechMs += WINDOW_MS;
    this.#speechEndMs = endMs;
  }

  #spokeBefore(toneMs: number): boolean {
    const sinceMs = this.#heardMs - toneMs - this.#speechEndMs;
    return this.#speechMs >= GREETING_MS && sinceMs <= AFTER_GREETING_MS;
  }

  /** After the beep nobody says anything: it is our turn to speak, to a machine. */
  #awaitSilence({ levelDb, endMs }: { levelDb: number; endMs: number }): boolean {
    const sinceMs = this.#heardMs - endMs;
    // The line itself may ring on for a frame or two.
    if (sinceMs > ENDING_MS && this.#tone.levelDb > levelDb - QUIETER_DB) this.#isOut = true;
    if (this.#isOut || sinceMs < SILENCE_MS) return false;
    this.#isOut = true;
    return true;
  }
}

const SPEECH_PROBABILITY = 0.5;
/** Nobody listens to a longer greeting. */
const WITHIN_MS = 60_000;
/** "You have reached Anna, leave a message" takes longer; "hello?" does not. */
const GREETING_MS = 2500;
const AFTER_GREETING_MS = 5000;
/** The shortest beep that was found is 200 ms, the longest about a second. */
const BEEP_MS = { least: 160, most: 2000 };
const ENDING_MS = 60;
const SILENCE_MS = 500;
const QUIETER_DB = 15;
