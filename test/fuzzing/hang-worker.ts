/** The other thread of `HangWatch`. */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { shared, hangMs, seed } = workerData as {
  shared: Int32Array<SharedArrayBuffer>;
  hangMs: number;
  seed: number;
};
const STDERR = 2;

for (;;) {
  const beats = Atomics.load(shared, 0);
  if (Atomics.wait(shared, 0, beats, hangMs) !== 'timed-out') continue;
  const at = `seed ${seed}, case ${Atomics.load(shared, 1)} or one that runs beside it`;
  writeSync(STDERR, `\nexpected every input to take a moment, hung for ${hangMs} ms at ${at}\n`);
  process.kill(process.pid, 'SIGKILL');
}
