/** The world that is being simulated. There is one at a time: its time is that of the whole thread. */
import type { World } from './world.ts';

let current: World | undefined;

export function enter(world: World | undefined): void {
  current = world;
}

export function here(): World {
  if (!current) throw new Error('expected a simulation to run, there is none');
  return current;
}
