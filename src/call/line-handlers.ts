import type { CallEvent } from '../../machines/call-protocol.ts';
import type { MediaStreamHandlers } from '../twilio/media-stream.ts';
import type { CallWatch } from './call-watch.ts';
import type { Ears } from './ears.ts';

export interface LineHandlersOptions {
  ears: Ears;
  watch: CallWatch;
  tell(event: CallEvent): void;
  /** Errors of what runs outside of the machine are the call's. */
  guarded<Args extends unknown[]>(handler: (...args: Args) => void): (...args: Args) => void;
}

/** What becomes of all that comes from the caller's side. */
export function lineHandlers({
  ears,
  watch,
  tell,
  guarded,
}: LineHandlersOptions): MediaStreamHandlers {
  return {
    onAudio: guarded((mulaw) => {
      watch.recording?.heard(mulaw);
      ears.hear(mulaw);
    }),
    onLost: guarded((mulaw) => {
      watch.recording?.heard(mulaw);
      ears.miss(mulaw);
    }),
    onDigit: guarded((digit) => ears.press(digit)),
    onEnded: guarded((how) => tell({ type: how === 'stop' ? 'caller.hungUp' : 'line.lost' })),
    onProblem: (kind) => watch.problem(kind),
  };
}
