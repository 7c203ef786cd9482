import pino, { type Logger } from 'pino';
import type { BackPressure } from './back-pressure.ts';

export interface OpenLog {
  log: Logger;
  /** Resolves when what was logged is written, or after a second: whoever reads it may have stopped. */
  close(): Promise<void>;
}

/**
 * A log that nobody waits for: it is written beside the event loop, what waits to be written is bounded,
 * and lines below a warning are given up while the process is behind.
 * @param fd where the lines go
 */
export function openLog(level: string, pressure: BackPressure, fd = 1): OpenLog {
  const output = pino.destination({ dest: fd, sync: false, maxLength: WAITING_BYTES });
  output.on('drop', () => pressure.drop('log'));
  const log = pino(
    {
      level,
      hooks: {
        logMethod(line, write, severity) {
          if (severity >= WARN || pressure.admitsLine()) write.apply(this, line);
        },
      },
    },
    output,
  );
  return { log, close: () => closed(output) };
}

function closed(output: ReturnType<typeof pino.destination>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    // Otherwise the last lines would be waited for when the process ends, for ever.
    output.destroy();
    resolve();
  }, CLOSE_MS);
  output.once('drain', () => {
    clearTimeout(timer);
    resolve();
  });
  // It tells that it is drained only after a write.
  output.write('');
  return promise;
}

const WARN = pino.levels.values.warn ?? 40;
/** Some 3000 lines. */
const WAITING_BYTES = 1024 * 1024;
const CLOSE_MS = 1000;
