/** Runs a scenario of single calls: some cells side by side, in each of them one call after the other. */
import { BreakableLine } from './breakable-line.ts';
import { runBrokenCall } from './broken-call.ts';
import type { CallScenario } from './call-scenarios.ts';
import { type Cell, startCell } from './cell.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import type { World } from './world.ts';

export interface RunOptions {
  times: number;
  /** Cells. */
  atOnce: number;
  onVerdict(verdict: Verdict): void;
}

export async function runCallScenario(
  scenario: CallScenario,
  world: World,
  { times, atOnce, onVerdict }: RunOptions,
): Promise<void> {
  let begun = 0;
  const one = async (index: number) => {
    const cell = await startCell({
      ...world,
      replicas: scenario.replicas,
      seed: world.seed + index,
    });
    try {
      while (begun < times) onVerdict(await runOnce(scenario, world, cell, begun++));
    } finally {
      await cell.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, times) }, (_, index) => one(index)));
}

/** Kept apart from those of the cells. */
const SEEDS_FROM = 1000;

async function runOnce(
  scenario: CallScenario,
  world: World,
  cell: Cell,
  index: number,
): Promise<Verdict> {
  const line = await BreakableLine.start(cell.balancer.url);
  const faults: string[] = [];
  try {
    const run = await runBrokenCall(cell, {
      recordings: world.recordings,
      seed: SEEDS_FROM * world.seed + index,
      lineUrl: line.url,
      breakIt: async (random, callSid) => {
        const holder = cell.holder();
        const { store } = cell;
        if (holder) await scenario.breakIt({ line, holder, random, store, callSid, faults });
      },
    });
    const verdict = await verdictOf(cell, run, true);
    return { ...verdict, left: [...verdict.left, ...faults] };
  } finally {
    await line.close();
  }
}
