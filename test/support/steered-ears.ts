/** Ears in virtual time: the test says when the caller speaks, and the probabilities follow. */
import { Ears, type EarsEvent } from '../../src/call/ears.ts';
import type { Expectation, TurnMode } from '../../src/turns/turn-policy.ts';
import type { SpeechWindow, VoiceActivity } from '../../src/turns/voice-activity.ts';
import type { VirtualClock } from './virtual-clock.ts';

const WINDOW_MS = 32;
const SPEECH = { probability: 0.95, levelDb: -20 };
const SILENCE = { probability: 0.01, levelDb: -70 };

/** What was traced, in order, and between it what was told. */
export type Traced =
  | { windows: readonly SpeechWindow[]; mode: TurnMode; expecting: Expectation }
  | 'key'
  | EarsEvent['type'];

export class SteeredEars {
  readonly told: EarsEvent[] = [];
  readonly failures: Error[] = [];
  readonly traced: Traced[] = [];
  readonly ears: Ears;
  isOpen = false;
  readonly #clock: VirtualClock;
  #onWindow: ((window: SpeechWindow) => void) | undefined;
  #onFailure: ((error: Error) => void) | undefined;
  #positionMs = 0;

  constructor(clock: VirtualClock, onTold: (event: EarsEvent) => void = () => {}) {
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
        onWindows: (windows, mode, expecting) => this.traced.push({ windows, mode, expecting }),
        onKey: () => this.traced.push('key'),
      },
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

  failActivity(error: Error): void {
    this.#onFailure?.(error);
  }

  async #hear(ms: number, value: number, judged: Omit<SpeechWindow, 'endMs'>): Promise<void> {
    for (let heardMs = 0; heardMs < ms; heardMs += WINDOW_MS) {
      this.ears.hear(new Uint8Array(WINDOW_MS * 8).fill(value));
      this.#positionMs += WINDOW_MS;
      await this.#clock.advance(WINDOW_MS);
      if (this.isOpen) this.#onWindow?.({ endMs: this.#positionMs, ...judged });
    }
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
          close: () => {
            this.isOpen = false;
          },
        };
      },
      close: async () => {},
    };
  }
}
