/** All scenarios by name, and how one is run from its beginning to its figures. */
import { CALL_SCENARIOS } from './call-scenarios.ts';
import { FLEET_SCENARIOS } from './fleet-scenarios.ts';
import { runCallScenario } from './run-call-scenario.ts';
import { type Summary, Tally } from './tally.ts';
import type { World } from './world.ts';

export interface ScenarioOptions {
  /** The full number when undefined. */
  runs: number | undefined;
  atOnce: number;
  onProgress?(tally: Tally, expected: number): void;
}

export const SCENARIO_NAMES: readonly string[] = [...FLEET_SCENARIOS, ...CALL_SCENARIOS].map(
  ({ name }) => name,
);

export async function runScenario(
  name: string,
  world: World,
  { runs, atOnce, onProgress }: ScenarioOptions,
): Promise<Summary> {
  const onCalls = CALL_SCENARIOS.find((each) => each.name === name);
  const onFleet = FLEET_SCENARIOS.find((each) => each.name === name);
  const scenario = onCalls ?? onFleet;
  if (!scenario) throw new RangeError(`expected a scenario, got ${name}`);
  const times = runs ?? scenario.times;
  const promised = { goesOn: true, ...(onCalls ?? scenario) };
  // A call that Twilio itself ends has a record, and no more.
  if (onCalls && world.socketLoss.leadsTo === 'error') promised.goesOn = false;
  const tally = new Tally(promised);
  // How many calls there are in so many deploys, nobody knows before.
  const expected = name === 'rolling' ? 0 : times;
  const count = {
    times,
    onVerdict: (verdict: Parameters<Tally['add']>[0]) => {
      tally.add(verdict);
      onProgress?.(tally, expected);
    },
  };
  if (onCalls) await runCallScenario(onCalls, world, { ...count, atOnce });
  await onFleet?.run(world, { ...count, onFault: (fault) => tally.addFault(fault) });
  return tally.summary();
}
