/** One seed, with the globals of this thread in its hands until it is over. */
import { enter } from './current.ts';
import type { Violation } from './invariants.ts';
import { Random } from './random.ts';
import { SimulatedDatabase } from './simulated-database.ts';
import { installEntropy } from './simulated-entropy.ts';
import { Simulation } from './simulation.ts';
import { drawSwarm, type Swarm } from './swarm.ts';
import { World } from './world.ts';

export interface SeedResult {
  seed: number;
  calls: number;
  /** Timers that fired, and the time that they took here. */
  steps: number;
  simulatedMs: number;
  hash: string;
  violations: readonly Violation[];
  faults: ReadonlyMap<string, number>;
  moves: ReadonlySet<string>;
  /** How calls ended, and what was done in them. */
  deeds: ReadonlyMap<string, number>;
  /** The last of what happened. */
  lines: readonly string[];
}

let database: Promise<SimulatedDatabase> | undefined;

/** @param swarm instead of the one that the seed draws */
export async function runSeed(seed: number, swarm?: Swarm): Promise<SeedResult> {
  database ??= SimulatedDatabase.create();
  const file = await database;
  file.reset();
  const options = swarm ?? drawSwarm(new Random(seed));
  const world = new World(seed, options, file);
  const { fetch } = globalThis;
  const thrown = (error: unknown) =>
    world.violated('nothingThrown', String((error as Error)?.stack ?? error));
  process.on('unhandledRejection', thrown);
  process.on('uncaughtException', thrown);
  enter(world);
  world.time.install();
  const restoreEntropy = installEntropy(new Random(seed, 4));
  globalThis.fetch = world.engine.fetch as typeof globalThis.fetch;
  try {
    await new Simulation(world).run();
  } catch (error) {
    thrown(error);
  } finally {
    globalThis.fetch = fetch;
    restoreEntropy();
    world.time.uninstall();
    enter(undefined);
    process.off('unhandledRejection', thrown);
    process.off('uncaughtException', thrown);
  }
  return {
    seed,
    calls: world.phones.length,
    steps: world.time.steps,
    simulatedMs: world.time.nowMs,
    hash: world.events.hash,
    violations: world.violations,
    faults: world.faults,
    moves: world.moves,
    deeds: deedsOf(world),
    lines: world.events.lines,
  };
}

function deedsOf({ phones }: World): Map<string, number> {
  const deeds = new Map<string, number>();
  const count = (deed: string, times = 1) => deeds.set(deed, (deeds.get(deed) ?? 0) + times);
  for (const { record } of phones) {
    if (!record) continue;
    count(`outcome ${record.outcome}`);
    count('answers', record.turnTimings.length);
    count('interruptions', record.interruptions);
    for (const [tool, times] of Object.entries(record.toolCalls)) count(`tool ${tool}`, times);
  }
  return deeds;
}
