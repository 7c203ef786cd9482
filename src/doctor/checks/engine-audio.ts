import { EngineSelfTestError, warmUp } from '../../ultravox/warm-up.ts';
import type { Check } from '../check.ts';
import { engineConnection, unlessNotStarted } from '../engine-connection.ts';
import { failure, pass, warning } from '../finding.ts';

/** Whether sound reaches the model: a second of silence must lengthen the prompt. */
export const engineAudio: Check = {
  name: 'vLLM audio',
  remedy: 'see to the model first; a cold engine needs minutes',
  run: ({ settings }, signal) =>
    unlessNotStarted(settings, async () => {
      try {
        const { audioTokens, audioFormat, ms } = await warmUp(engineConnection(settings), {
          signal,
        });
        const found = `a second of sound is ${audioTokens} tokens, ${Math.round(ms)} ms for two requests`;
        if (audioFormat === 'mulaw') return pass(found);
        const next = 'install vllm[audio], so that it reads WAV with libsndfile';
        return warning(`${found}; mu-law is refused, so sound is sent at twice the size`, next);
      } catch (error) {
        if (!(error instanceof EngineSelfTestError)) throw error;
        const next = 'start vLLM with --chat-template-content-format string';
        return failure(error.message, next);
      }
    }),
};
