/** `npm start`: settings, server, and a drain on SIGTERM or SIGINT. */
import type { Logger } from 'pino';
import { BackPressure } from './back-pressure.ts';
import { ConfigError, loadConfig } from './config.ts';
import { type OpenLog, openLog } from './open-log.ts';
import { type Orchestrator, startOrchestrator } from './orchestrator.ts';
import { ProfileError } from './restaurant/profile-error.ts';
import { loadProfile } from './restaurant/profile-file.ts';

let opened: OpenLog | undefined;
try {
  const config = loadConfig(process.env);
  const profile = loadProfile({ env: process.env });
  const pressure = new BackPressure();
  opened = openLog(config.LOG_LEVEL, pressure);
  const { log } = opened;
  const started = Promise.withResolvers<Orchestrator>();
  // Before anything is started: a server that is told to go meanwhile must not leave a vLLM behind.
  const drain = drainOnSignal(started.promise, config.SHUTDOWN_GRACE_SECONDS * 1000, log);
  started.resolve(startOrchestrator(config, { log, profile, pressure }));
  await started.promise;
  // The other calls are given the time to finish: an unknown state is no reason to cut them off.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    void drain(1);
  });
} catch (error) {
  const isOperators = error instanceof ConfigError || error instanceof ProfileError;
  console.error(isOperators ? error.message : error);
  await opened?.close();
  process.exit(1);
}

/** Returns what the signals do: drain once, and exit with this code. */
function drainOnSignal(
  started: Promise<Orchestrator>,
  graceMs: number,
  log: Logger,
): (code: number) => Promise<void> {
  let draining = false;
  const drain = async (code: number) => {
    if (draining) return;
    draining = true;
    try {
      const orchestrator = await started;
      await orchestrator.close(graceMs);
    } catch (error) {
      log.error({ err: error }, 'close failed');
      code = 1;
    }
    await opened?.close();
    process.exit(code);
  };
  process.on('SIGTERM', () => void drain(0));
  process.on('SIGINT', () => void drain(0));
  return drain;
}
