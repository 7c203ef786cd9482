import { EngineError } from '../../ultravox/engine-error.ts';
import type { Check } from '../check.ts';
import { engineConnection, unlessNotStarted } from '../engine-connection.ts';
import { failure, pass, warning } from '../finding.ts';
import { required } from '../usable-settings.ts';

/** Whether vLLM serves the model under the name by which it is asked for. */
export const engineModel: Check = {
  name: 'vLLM model',
  remedy: 'see whether vLLM runs, and ULTRAVOX_URL names it with /v1 at its end',
  run: ({ settings }, signal) =>
    unlessNotStarted(settings, async () => {
      const engine = engineConnection(settings);
      const { ULTRAVOX_MODEL: model } = required(settings, 'ULTRAVOX_MODEL');
      try {
        const models = await engine.models(signal);
        if (!models.includes(model)) {
          return failure(
            `expected it to serve ${model}, it serves ${models.join(', ') || 'nothing'}`,
            'set ULTRAVOX_MODEL to the name that vLLM serves (--served-model-name)',
          );
        }
        if (await engine.isHealthy(signal)) return pass(`${model} is served`);
        return warning(`${model} is listed, but /health says otherwise`, "see vLLM's log");
      } catch (error) {
        const isRefused = error instanceof EngineError && error.status === 401;
        if (!isRefused) throw error;
        return failure('vLLM does not accept the key', 'set ULTRAVOX_API_KEY to its --api-key');
      }
    }),
};
