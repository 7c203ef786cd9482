/** `npm start`: settings, server, and a drain on SIGTERM or SIGINT. */
import pino from 'pino';
import { ConfigError, loadConfig } from './config.ts';
import { type Orchestrator, startOrchestrator } from './orchestrator.ts';

try {
  const config = loadConfig(process.env);
  const log = pino({ level: config.LOG_LEVEL });
  const orchestrator = await startOrchestrator(config, { log });
  drainOnSignal(orchestrator, config.SHUTDOWN_GRACE_SECONDS * 1000, log);
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}

function drainOnSignal(orchestrator: Orchestrator, graceMs: number, log: pino.Logger): void {
  let draining = false;
  const drain = async (code: number) => {
    if (draining) return;
    draining = true;
    try {
      await orchestrator.close(graceMs);
    } catch (error) {
      log.error({ err: error }, 'close failed');
      code = 1;
    }
    process.exit(code);
  };
  process.on('SIGTERM', () => void drain(0));
  process.on('SIGINT', () => void drain(0));
  // The other calls are given the time to finish: an unknown state is no reason to cut them off.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    void drain(1);
  });
}
