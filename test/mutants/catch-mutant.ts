/** One planted bug, and what finds it. */
import { Worker } from 'node:worker_threads';
import { Fleet } from '../simulation/fleet.ts';
import { INVARIANTS } from '../simulation/invariants.ts';
import type { Mutant } from './mutants.ts';

export interface Caught {
  /** The invariant, in words. */
  by: string;
  /** After so many calls, or paths or walks of a machine. */
  calls: number;
  /** Of the simulation. */
  seed?: number;
}

/** @returns undefined where it survives: something is not looked at */
export async function catchMutant(mutant: Mutant, mostCalls: number): Promise<Caught | undefined> {
  if (mutant.catcher !== 'simulation') return inModel(mutant);
  const fleet = new Fleet({ mutant, threads: 1 });
  try {
    let calls = 0;
    for (let seed = mutant.seed ?? 1; calls < mostCalls; seed++) {
      const report = await fleet.run(seed);
      calls += report.calls;
      const [first] = report.violations;
      if (first) return { by: INVARIANTS[first.invariant], calls, seed };
    }
    return undefined;
  } finally {
    await fleet.close();
  }
}

async function inModel(mutant: Mutant): Promise<Caught | undefined> {
  const worker = new Worker(new URL('./model-worker.ts', import.meta.url), {
    workerData: mutant,
    execArgv: [],
  });
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
    });
  } finally {
    await worker.terminate();
  }
}
