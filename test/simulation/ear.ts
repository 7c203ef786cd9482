/**
 * What the caller hears: Twilio's buffer of sound, played at the pace of speech, and the marks in it.
 * It knows of each word whether it was heard.
 */
import { PACER_DEFAULTS } from '../../src/twilio/playback-pacer.ts';
import type { MarkMood } from './swarm.ts';
import type { Stretch } from './vocabulary.ts';
import type { World } from './world.ts';

interface Piece extends Stretch {
  startMs: number;
}

export interface EarOptions {
  mood: MarkMood;
  /** On the way back to the program. */
  echo(name: string): void;
  /** There is more to be heard: after a silence, or before what is heard now has ended. */
  onSound(): void;
}

export class Ear {
  readonly #world: World;
  readonly #options: EarOptions;
  #pieces: Piece[] = [];
  #marks: string[] = [];
  #runsOutMs = 0;
  /** By utterance: the stretches of it that were heard, ms. */
  readonly heard = new Map<number, [fromMs: number, toMs: number][]>();

  constructor(world: World, options: EarOptions) {
    this.#world = world;
    this.#options = options;
    this.#runsOutMs = world.time.nowMs;
  }

  /** When the last sound that is here ends; in the past while it is silent. */
  get runsOutMs(): number {
    return this.#runsOutMs;
  }

  get isSilent(): boolean {
    return this.#runsOutMs <= this.#world.time.nowMs;
  }

  play(stretches: readonly Stretch[]): void {
    const { nowMs } = this.#world.time;
    this.#options.onSound();
    this.#note(nowMs);
    for (const stretch of stretches) {
      const startMs = Math.max(nowMs, this.#runsOutMs);
      this.#pieces.push({ ...stretch, startMs });
      this.#runsOutMs = startMs + stretch.toMs - stretch.fromMs;
    }
    const leadMs = this.#runsOutMs - nowMs;
    // What comes quickly after something slow is early by that much.
    if (leadMs > PACER_DEFAULTS.leadMs + this.#world.options.jitterMs + ROUNDING_MS)
      this.#world.violated('boundedLead', `${Math.round(leadMs)} ms of sound are at Twilio`);
  }

  mark(name: string): void {
    const { mood } = this.#options;
    const { time } = this.#world;
    if (mood === 'never') return;
    if (mood === 'instant') {
      this.#options.echo(name);
      return;
    }
    const lateMs = mood === 'late' ? this.#world.random.integer(0, LATE_MS) : 0;
    this.#marks.push(name);
    time.after(Math.max(0, this.#runsOutMs - time.nowMs) + lateMs, () => this.#reach(name));
  }

  /** What was not played is gone, and its marks come back: at once, or into what is said next. */
  clear(): void {
    const { nowMs } = this.#world.time;
    this.#note(nowMs, true);
    this.#runsOutMs = Math.min(this.#runsOutMs, nowMs);
    const marks = this.#marks.splice(0);
    const lateMs = this.#options.mood === 'late' ? this.#world.random.integer(0, LATE_MS) : 0;
    const echo = () => {
      for (const name of marks) this.#options.echo(name);
    };
    if (lateMs === 0) echo();
    else this.#world.time.after(lateMs, echo);
  }

  /** Nobody listens any more. */
  close(): void {
    this.#note(this.#world.time.nowMs, true);
    this.#marks = [];
  }

  #reach(name: string): void {
    const at = this.#marks.indexOf(name);
    if (at < 0) return;
    this.#marks.splice(at, 1);
    this.#options.echo(name);
  }

  /** What has been played up to now. */
  #note(nowMs: number, isCut = false): void {
    const rest: Piece[] = [];
    for (const piece of this.#pieces) {
      const heardMs = Math.min(piece.toMs - piece.fromMs, nowMs - piece.startMs);
      if (heardMs < piece.toMs - piece.fromMs && !isCut) rest.push(piece);
      else if (heardMs > 0) this.#hear(piece, heardMs);
    }
    this.#pieces = rest;
  }

  #hear({ utterance, fromMs }: Piece, ms: number): void {
    const heard = this.heard.get(utterance) ?? [];
    const last = heard.at(-1);
    if (last && last[1] === fromMs) last[1] = fromMs + ms;
    else heard.push([fromMs, fromMs + ms]);
    this.heard.set(utterance, heard);
  }
}

/** The latest that a mark comes back in a mood for it. */
const LATE_MS = 1200;
const ROUNDING_MS = 2;
