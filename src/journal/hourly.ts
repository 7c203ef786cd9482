const HOUR_MS = 3_600_000;

/** Ends a run that is under way after its current statement's answer, and starts no other. */
export interface HourlyClock {
  stop(): Promise<void>;
}

/** Does it now and every hour after. It keeps no process alive. @param work never rejects */
export function startHourly(work: () => Promise<void>): HourlyClock {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const run = async () => {
    await work();
    if (isStopped) return;
    timer = setTimeout(() => {
      running = run();
    }, HOUR_MS);
    timer.unref();
  };
  let running = run();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
