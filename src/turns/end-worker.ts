import type { Worker } from 'node:worker_threads';

/**
 * Ends a worker once it has nothing under way: one that is ended in the midst of an inference takes the whole
 * process with it, as ONNX Runtime throws where nobody can catch.
 * @param idle resolves when it has answered all that it was given, or has ended
 */
export async function endWorker(worker: Worker, idle: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LAST_ANSWER_LIMIT_MS);
  });
  await Promise.race([idle, late]);
  clearTimeout(timer);
  await worker.terminate();
}

/** An inference takes milliseconds: a worker that is this late has hung. */
const LAST_ANSWER_LIMIT_MS = 1000;
