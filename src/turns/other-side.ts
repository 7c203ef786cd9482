/**
 * Whether a person is on the other side of a call, judged by its turns: nobody says the same words in
 * the same sound again and again, nor speaks without end. Pure.
 */
import { likeness, SAME_RECORDING, type SpeechPrint, speechPrint } from './speech-print.ts';

export class OtherSide {
  /** Long turns that were heard, the newest last. */
  readonly #known: SpeechPrint[] = [];
  /** Of the turn in progress, up to its last pause. */
  #print: SpeechPrint | undefined;
  #isRepeat = false;
  /** Turns in a row that were heard before. */
  #repeats = 0;
  /** What speaks against a recording since the last of them. */
  #doubt = 0;
  /** Turns in a row that only the limit ended. */
  #endless = 0;

  /** Hold music with its announcements, a menu that talks on, a radio: nobody will ever answer. */
  get isUnattended(): boolean {
    return this.#repeats >= REPEATS.unattended || this.#endless >= ENDLESS_TURNS;
  }

  /**
   * The turn pauses, and may be over.
   * @param sound of it, mu-law; asked for only where it is needed
   * @returns whether it was heard so often that nobody waits for an answer
   */
  pause(durationMs: number, sound: () => Uint8Array): boolean {
    this.resume();
    if (durationMs < RECORDING_MS) return false;
    const print = speechPrint(sound());
    this.#print = print;
    this.#isRepeat = this.#known.some((known) => isSame(known, print));
    return this.#isRepeat && this.#repeats + 1 >= REPEATS.ignored;
  }

  /** It was not over, or was nothing. */
  resume(): void {
    this.#print = undefined;
    this.#isRepeat = false;
  }

  /** The turn is over, whether it will be answered or not. */
  end(): void {
    this.#endless = 0;
    if (this.#isRepeat) {
      this.#repeats++;
      this.#doubt = 0;
    } else this.#hearOther();
    this.resume();
  }

  /** The turn did not end by itself. */
  endless(): void {
    this.resume();
    this.#endless++;
  }

  #hearOther(): void {
    this.#doubt += this.#print ? DOUBT.long : DOUBT.short;
    if (this.#doubt >= DOUBT.most) this.#repeats = 0;
    if (!this.#print) return;
    this.#known.push(this.#print);
    if (this.#known.length > MOST_KNOWN) this.#known.shift();
  }
}

function isSame(known: SpeechPrint, print: SpeechPrint): boolean {
  const [knownLength, length] = [known[0]!.length, print[0]!.length];
  // It may break off where the other went on, but not go on for long after its end.
  return length <= knownLength * LONGER && likeness(known, print) >= SAME_RECORDING;
}

/**
 * The shortest turn that is taken for an announcement. Whoever repeats a shorter one may well be a
 * person: by a machine that speaks for them, for example.
 */
const RECORDING_MS = 4000;
const LONGER = 1.2;
/** An announcement, and its second, are answered; not its third, and after its fourth we go. */
const REPEATS = { ignored: 2, unattended: 3 };
/** "Thank you for holding" between two announcements is no person; an answer of some length is. */
const DOUBT = { short: 1, long: 3, most: 3 };
/** With the usual limit that is three minutes; two may be a caller with a long story. */
const ENDLESS_TURNS = 3;
/** Announcements that take turns: prints of 5 kB each. */
const MOST_KNOWN = 6;
