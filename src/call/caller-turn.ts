import type { TurnInProgress } from './asked-turn.ts';
import type { Ears } from './ears.ts';

export interface CallerTurnOptions {
  ears: Ears;
  /** What an earlier life of the call heard of it: the turn goes on from there. */
  earlier: Uint8Array | undefined;
  onFinished(mulaw: Uint8Array): void;
  onAnswered(): void;
}

/** The caller's turn in progress, as answers are made to it. */
export function callerTurn(options: CallerTurnOptions): TurnInProgress {
  const { ears, onFinished, onAnswered } = options;
  let { earlier } = options;
  return {
    audio: () => {
      const audio = ears.turnAudio();
      if (!earlier) return audio;
      // The same bytes as before, where nothing was added: they are cached by them.
      return audio.length > 0 ? Buffer.concat([earlier, audio]) : earlier;
    },
    digits: () => ears.turnDigits,
    finished: onFinished,
    forget: () => {
      earlier = undefined;
      ears.forgetTurn();
      onAnswered();
    },
  };
}
