import { AnsweringMachine } from '../turns/answering-machine.ts';
import { OtherSide } from '../turns/other-side.ts';
import type { TurnEvent, TurnMode } from '../turns/turn-policy.ts';
import type { SpeechWindow, WindowKind } from '../turns/voice-activity.ts';

/** What the ears tell of somebody who is not there. */
export type PresenceEvent =
  /** The turn has reached its limit, and goes on. */
  | { type: 'limited'; speechEndAt: number }
  /** We have called, and a machine takes it. Once. */
  | { type: 'answeredByMachine' }
  /** What speaks there is no person, and nobody will come. Once. */
  | { type: 'unattended' };

/** The turn in progress, as it is recorded. */
export interface RecordedTurn {
  readonly durationMs: number;
  audio(): Uint8Array;
}

export interface PresenceOptions {
  /** We have called. */
  outbound: boolean;
  turn: RecordedTurn;
  tell(event: PresenceEvent): void;
}

/** Whether a person is at the other end of a call, by what the ears hear from there. */
export class Presence {
  readonly #otherSide = new OtherSide();
  readonly #machine: AnsweringMachine | undefined;
  readonly #turn: RecordedTurn;
  readonly #tell: (event: PresenceEvent) => void;
  #inTurn = false;
  /** The turn up to its last pause is a recording that was heard before. */
  #isRecorded = false;
  #isTold = false;

  constructor({ outbound, turn, tell }: PresenceOptions) {
    this.#machine = outbound ? new AnsweringMachine() : undefined;
    this.#turn = turn;
    this.#tell = tell;
  }

  /** The caller's sound, at 8 kHz. */
  hear(samples: Int16Array): void {
    if (this.#machine?.hear(samples)) this.#tell({ type: 'answeredByMachine' });
  }

  /** Every window, before the turn policy has it. */
  kindOf(window: SpeechWindow): WindowKind | undefined {
    this.#machine?.judge(window);
    return this.#isRecorded && window.probability < SILENT_PROBABILITY ? 'recorded' : undefined;
  }

  /** What the turn policy says; once the recording of the turn knows it. */
  judged({ type }: TurnEvent): void {
    if (type === 'spoke') this.#inTurn = true;
    // What is left of a turn that has reached its limit says nothing more.
    if (!this.#inTurn) return;
    const ends = type === 'finished' || (type === 'ignored' && this.#isRecorded);
    if (ends) this.#otherSide.end();
    else if (type === 'resumed' || type === 'ignored') this.#otherSide.resume();
    if (type !== 'interrupted') this.#isRecorded = type === 'paused' && this.#isKnown();
    if (type === 'finished' || type === 'ignored') this.#inTurn = false;
  }

  /** The call attends to something else. */
  attend(mode: TurnMode): void {
    // An answer was asked for before the turn had ended: the call has a limit on it.
    if (mode === 'thinking' && this.#inTurn) {
      this.#isRecorded = false;
      this.#otherSide.endless();
      this.#tell({ type: 'limited', speechEndAt: performance.now() });
      this.conclude();
    }
    // Where the agent takes the floor, what goes on is another turn.
    if (mode === 'thinking' || mode === 'speaking') this.#inTurn = false;
  }

  /** After what was judged has been told. */
  conclude(): void {
    if (this.#isTold || !this.#otherSide.isUnattended) return;
    this.#isTold = true;
    this.#tell({ type: 'unattended' });
  }

  #isKnown(): boolean {
    return this.#otherSide.pause(this.#turn.durationMs, () => this.#turn.audio());
  }
}

/** Surely not the beginning of a word: no window that could be one is taken from it. */
const SILENT_PROBABILITY = 0.1;
