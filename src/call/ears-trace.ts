import type { Expectation, TurnMode } from '../turns/turn-policy.ts';
import type { SpeechWindow } from '../turns/voice-activity.ts';

/** What the ears have judged, for the records. */
export interface EarsTrace {
  /**
   * In order and without gaps, all under the same mode; before what they caused is told.
   * @param reason why the last of them ended a turn
   */
  onWindows(
    windows: readonly SpeechWindow[],
    mode: TurnMode,
    expecting: Expectation,
    reason: string | undefined,
  ): void;
  /** From the next window on the turn model's answer counts: 0 to 1, that the turn is over. */
  onBelief(complete: number): void;
  /** A key, and not a sound, is the cause of what is told next. */
  onKey(): void;
}
