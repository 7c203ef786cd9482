import { z } from 'zod';
import type { Check } from '../check.ts';
import { exchange } from '../exchange.ts';
import { type Finding, failure, type Problem, pass, skipped, warning } from '../finding.ts';
import { required } from '../usable-settings.ts';

const HUB = 'https://huggingface.co';
/** vLLM loads these, too, each from its own repository; the first is gated. */
const configSchema = z.object({
  text_model_id: z.string().nullish(),
  audio_model_id: z.string().nullish(),
});

/** Whether the token may load the model and what it is built from. */
export const huggingFace: Check = {
  name: 'Hugging Face',
  remedy: 'check the way out to huggingface.co, and status.huggingface.co',
  run: async ({ settings, env }, signal) => {
    if (settings.ULTRAVOX_URL) return skipped('vLLM runs elsewhere (ULTRAVOX_URL)');
    const needed = required(settings, 'HF_TOKEN', 'ULTRAVOX_MODEL');
    const model = needed.ULTRAVOX_MODEL;
    const hub = (env.HF_ENDPOINT?.trim() || HUB).replace(/\/+$/, '');
    const ask = (repository: string, method: 'GET' | 'HEAD') =>
      exchange(
        'Hugging Face',
        `${hub}/${repository}/resolve/main/config.json`,
        { method, headers: { authorization: `Bearer ${needed.HF_TOKEN}` } },
        signal,
      );
    const own = await ask(model, 'GET');
    const problem = problemOf(model, own);
    if (problem) return problem;
    const parts = partsOf(own.text);
    const findings = await Promise.all(
      parts.map(async (part) => problemOf(part, await ask(part, 'HEAD'))),
    );
    return findings.find((each) => each !== undefined) ?? accessTo([model, ...parts]);
  },
};

function accessTo(models: readonly string[]): Finding {
  return pass(`the token may load ${models.join(', ')}`);
}

function partsOf(config: string): string[] {
  try {
    const { text_model_id, audio_model_id } = configSchema.parse(JSON.parse(config));
    return [text_model_id, audio_model_id].filter(
      (id) => typeof id === 'string' && REPOSITORY.test(id),
    ) as string[];
  } catch {
    return [];
  }
}

const REPOSITORY = /^[\w.-]{1,96}(\/[\w.-]{1,96})?$/;

function problemOf(
  model: string,
  { status, headers }: { status: number; headers: Headers },
): Problem | undefined {
  if (status === 200) return undefined;
  // The hub answers 401 or 403 to a model that is gated, and says so beside it.
  if (status === 403 || headers.get('x-error-code') === 'GatedRepo') {
    const next = `accept the licence at huggingface.co/${model}, with the account of HF_TOKEN`;
    return failure(`the token may not load ${model}, which is gated`, next);
  }
  if (status === 401) {
    const next = 'make a token at huggingface.co/settings/tokens, and set HF_TOKEN';
    return failure('Hugging Face does not accept the token', next);
  }
  if (status === 404) {
    const next = 'correct ULTRAVOX_MODEL, or give the token access to it';
    return failure(`there is no ${model} that the token may see`, next);
  }
  const next = 'try again later: without its weights on the disk, vLLM cannot start';
  return warning(`Hugging Face could not say (HTTP ${status})`, next);
}
