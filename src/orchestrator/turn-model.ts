import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { SmartTurn } from '../turns/smart-turn.ts';
import type { TurnModel } from '../turns/turn-model.ts';

/**
 * The turn model of the settings; undefined without one. When it stops in mid-service, calls go on without.
 * @throws {TurnModelError} where its file is missing or is no such model
 */
export async function startTurnModel(config: Config, log: Logger): Promise<TurnModel | undefined> {
  if (config.TURN_MODEL_PATH === undefined) return undefined;
  const model = await SmartTurn.start(config.TURN_MODEL_PATH, (error) =>
    log.error({ err: error }, 'turn model stopped'),
  );
  log.info('turn model loaded');
  return model;
}
