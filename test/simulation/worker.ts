/** A thread that runs seeds, one after the other, as it is given them. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SeedReport, ToWorker } from './fleet.ts';
import { type Mutant, simulateModules } from './module-hooks.ts';

const { mutant } = workerData as { mutant: Mutant | undefined };
simulateModules(mutant);
const { runSeed } = await import('./run-seed.ts');

parentPort!.on('message', async ({ seed, swarm }: ToWorker) => {
  const result = await runSeed(seed, swarm);
  const { faults, moves, deeds, lines, ...rest } = result;
  const report: SeedReport = {
    ...rest,
    faults: [...faults],
    moves: [...moves],
    deeds: [...deeds],
    // Nobody reads what led to nothing.
    lines: result.violations.length > 0 ? [...lines] : [],
  };
  parentPort!.postMessage(report);
});
