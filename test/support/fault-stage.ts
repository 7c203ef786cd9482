/** A stage for calls in which the engine or the voice fails; the model says one sentence always. */
import type { CartesiaFaults } from '../../src/simulators/cartesia/simulated-cartesia.ts';
import { CallStage } from './call-stage.ts';

export const REPLY =
  'With pleasure. For how many people would you like the table, and at what time?';

/** @param voiceFaults from the start on; others are set on the stage's simulators as the call goes */
export function withFaults(
  voiceFaults: Partial<CartesiaFaults>,
  run: (stage: CallStage) => Promise<void>,
): Promise<void> {
  return CallStage.during(
    {
      env: { ULTRAVOX_FIRST_TOKEN_SECONDS: '1.5', ULTRAVOX_BETWEEN_TOKENS_SECONDS: '0.5' },
      ultravox: { reply: () => REPLY },
      cartesia: { faults: voiceFaults },
    },
    run,
  );
}
