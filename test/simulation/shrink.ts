/** Makes a failing seed smaller: fewer faults, fewer calls, a shorter time, while the same invariant fails. */
import type { SeedReport } from './fleet.ts';
import type { Invariant } from './invariants.ts';
import type { FaultRates, Swarm } from './swarm.ts';

export interface Shrunk {
  swarm: Swarm;
  report: SeedReport;
  /** Simulations that it took. */
  tries: number;
}

/** @param run what the seed comes to when it is made of this */
export async function shrink(
  report: SeedReport,
  swarm: Swarm,
  run: (swarm: Swarm) => Promise<SeedReport>,
): Promise<Shrunk> {
  const wanted = report.violations[0]!.invariant;
  const smallest: Shrunk = { swarm, report, tries: 0 };
  // Twice: what could not go at first may once something else has gone.
  for (let round = 0; round < ROUNDS; round++) {
    const before = smallest.swarm;
    for (const change of changes(smallest.swarm)) {
      const smaller = change(smallest.swarm);
      if (JSON.stringify(smaller) === JSON.stringify(smallest.swarm)) continue;
      smallest.tries += 1;
      const tried = await run(smaller);
      if (!fails(tried, wanted)) continue;
      smallest.swarm = smaller;
      smallest.report = tried;
    }
    if (smallest.swarm === before) break;
  }
  return smallest;
}

const ROUNDS = 2;

function fails({ violations }: SeedReport, wanted: Invariant): boolean {
  return violations.some(({ invariant }) => invariant === wanted);
}

type Change = (swarm: Swarm) => Swarm;

function changes({ rates }: Swarm): Change[] {
  const kinds = Object.keys(rates) as (keyof FaultRates)[];
  return [
    (swarm) => ({ ...swarm, rates: allBut(rates, []) }),
    ...[1, 2, 3, 5].map(
      (calls): Change =>
        (swarm) => ({
          ...swarm,
          calls: Math.min(calls, swarm.calls),
        }),
    ),
    ...(['kills', 'drains', 'clockJumps', 'engineRestarts', 'jitterMs', 'toolShare'] as const).map(
      (name): Change =>
        (swarm) => ({ ...swarm, [name]: 0 }),
    ),
    ...kinds.map(
      (kind): Change =>
        (swarm) => ({
          ...swarm,
          rates: { ...swarm.rates, [kind]: 0 },
        }),
    ),
    ...(['interrupt', 'murmur', 'hangUp', 'silent', 'digits'] as const).map(
      (habit): Change =>
        (swarm) => ({ ...swarm, caller: { ...swarm.caller, [habit]: 0 } }),
    ),
    (swarm) => ({ ...swarm, arrivalsMs: 2000 }),
    (swarm) => ({ ...swarm, markMood: 'honest' }),
    (swarm) => ({ ...swarm, limits: { ...swarm.limits, callMs: 15_000 } }),
  ];
}

function allBut(rates: FaultRates, kept: readonly (keyof FaultRates)[]): FaultRates {
  const none = Object.keys(rates).map((kind) => [kind, 0]);
  return {
    ...Object.fromEntries(none),
    ...Object.fromEntries(kept.map((kind) => [kind, rates[kind]])),
  };
}
