/** The engine as the server would use it, for checks. */
import { EngineClient } from '../ultravox/engine-client.ts';
import { EngineError } from '../ultravox/engine-error.ts';
import { vllmUrl } from '../ultravox/vllm-command.ts';
import { type Finding, skipped } from './finding.ts';
import { required, type UsableSettings } from './usable-settings.ts';

/** Longer than a check has: a check's own bound comes first. */
const PATIENCE_MS = 60_000;

/** @throws {MissingSettingError} */
export function engineConnection(settings: UsableSettings): EngineClient {
  const { ULTRAVOX_MODEL: model, VLLM_PORT: port } = required(
    settings,
    'ULTRAVOX_MODEL',
    'VLLM_PORT',
  );
  return new EngineClient({
    url: settings.ULTRAVOX_URL ?? vllmUrl(port),
    model,
    firstTokenMs: PATIENCE_MS,
    betweenTokensMs: PATIENCE_MS,
    ...(settings.ULTRAVOX_API_KEY && { apiKey: settings.ULTRAVOX_API_KEY }),
  });
}

/** An engine that the server starts is not missed while the server does not run here. */
export async function unlessNotStarted(
  { ULTRAVOX_URL: url }: UsableSettings,
  check: () => Promise<Finding>,
): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    const isAway = error instanceof EngineError && error.kind === 'unreachable';
    if (url || !isAway) throw error;
    return skipped('vLLM is started with the server, which does not run here');
  }
}
