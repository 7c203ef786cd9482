/** Ears in virtual time: the test says when the caller speaks, and the probabilities follow. */
import { Ears, type EarsEvent, type EarsOptions } from '../../src/call/ears.ts';
import type { Expectation, TurnMode } from '../../src/turns/turn-policy.ts';
import type { SpeechWindow, VoiceActivity } from '../../src/turns/voice-activity.ts';
import type { VirtualClock } from './virtual-clock.ts';

const WINDOW_MS = 32;
const SPEECH = { probability: 0.95, levelDb: -20, pitchHz: 0, echo: 0 };
const SILENCE = { probability: 0.01, levelDb: -70, pitchHz: 0, echo: 0 };

/** What was traced, in order, and between it what was told. */
export type Traced =
  | {
      windows: readonly SpeechWindow[];
      mode: TurnMode;
      expecting: Expectation;
      reason?: string;
    }
  | 'key'
  | `believed ${number}`
  | EarsEvent['type'];

export class SteeredEars {
  readonly told: EarsEvent[] = [];
  readonly failures: Error[] = [];
  readonly traced: Traced[] = [];
  readonly ears: Ears;
  isOpen = false;
  /** Somebody waits for the next windows. */
  isAwaited = false;
  readonly #clock: VirtualClock;
  #onWindow: ((window: SpeechWindow) => void) | undefined;
  #onFailure: ((error: Error) => void) | undefined;
  #positionMs = 0;
  /** Of what was lost: less than a window. */
  #lostMs = 0;

  constructor(
    clock: VirtualClock,
    onTold: (event: EarsEvent) => void = () => {},
    options: EarsOptions = {},
  ) {
    this.#clock = clock;
    this.ears = new Ears(
      this.#activity(),
      (event) => {
        this.told.push(event);
        this.traced.push(event.type);
        onTold(event);
      },
      (error) => this.failures.push(error),
      {
        onWindows: (windows, mode, expecting, reason) =>
          this.traced.push({ windows, mode, expecting, ...(reason && { reason }) }),
        onBelief: (complete) => this.traced.push(`believed ${complete}`),
        onKey: () => this.traced.push('key'),
      },
      options,
    );
  }

  /** The types of what was told since this was last asked. */
  takeTold(): string[] {
    return this.told.splice(0).map(({ type }) => type);
  }

  /** Mu-law of this value is heard as speech. */
  async speak(ms: number, value = 0x10): Promise<void> {
    await this.#hear(ms, value, SPEECH);
  }

  async pause(ms: number): Promise<void> {
    await this.#hear(ms, 0xff, SILENCE);
  }

  /** This very sound is heard, as speech or not. */
  async play(mulaw: Uint8Array, isSpeech: boolean): Promise<void> {
    for (let at = 0; at + WINDOW_MS * 8 <= mulaw.length; at += WINDOW_MS * 8) {
      await this.#hearWindow(mulaw.subarray(at, at + WINDOW_MS * 8), isSpeech ? SPEECH : SILENCE);
    }
  }

  /** The network loses so much, all of it before the next sound comes. */
  async lose(ms: number): Promise<void> {
    const frames = Math.round(ms / 20);
    for (let i = 0; i < frames; i++) this.ears.miss(new Uint8Array(160).fill(0xff));
    const heardMs = Math.min(frames * 20, 1000);
    await this.#clock.advance(heardMs);
    this.#lostMs += heardMs;
    while (this.isOpen && this.#lostMs >= WINDOW_MS) {
      this.#lostMs -= WINDOW_MS;
      this.#positionMs += WINDOW_MS;
      this.#onWindow?.({ endMs: this.#positionMs, ...SILENCE });
    }
  }

  failActivity(error: Error): void {
    this.#onFailure?.(error);
  }

  async #hear(ms: number, value: number, judged: Omit<SpeechWindow, 'endMs'>): Promise<void> {
    for (let heardMs = 0; heardMs < ms; heardMs += WINDOW_MS) {
      await this.#hearWindow(new Uint8Array(WINDOW_MS * 8).fill(value), judged);
    }
  }

  async #hearWindow(mulaw: Uint8Array, judged: Omit<SpeechWindow, 'endMs'>): Promise<void> {
    this.ears.hear(mulaw);
    this.#positionMs += WINDOW_MS;
    await this.#clock.advance(WINDOW_MS);
    if (this.isOpen) this.#onWindow?.({ endMs: this.#positionMs, ...judged });
  }

  #activity(): VoiceActivity {
    return {
      openStreams: 0,
      open: (onWindow, onFailure) => {
        this.#onWindow = onWindow;
        this.#onFailure = onFailure;
        this.isOpen = true;
        return {
          push: () => {},
          hurry: (isAwaited) => {
            this.isAwaited = isAwaited;
          },
          close: () => {
            this.isOpen = false;
          },
        };
      },
      close: async () => {},
    };
  }
}
