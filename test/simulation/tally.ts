/** What many seeds came to. */
import { createHash } from 'node:crypto';
import type { SeedReport } from './fleet.ts';
import { INVARIANTS, type Invariant } from './invariants.ts';

export class Tally {
  seeds = 0;
  calls = 0;
  steps = 0;
  simulatedMs = 0;
  readonly failed: SeedReport[] = [];
  readonly violations = new Map<Invariant, number[]>();
  readonly faults = new Map<string, number>();
  readonly moves = new Map<string, number>();
  readonly deeds = new Map<string, number>();
  readonly #hashes = new Map<number, string>();

  add(report: SeedReport): void {
    this.seeds += 1;
    this.calls += report.calls;
    this.steps += report.steps;
    this.simulatedMs += report.simulatedMs;
    this.#hashes.set(report.seed, report.hash);
    for (const [kind, count] of report.faults) add(this.faults, kind, count);
    for (const [deed, times] of report.deeds) add(this.deeds, deed, times);
    for (const move of report.moves) add(this.moves, move, 1);
    for (const { invariant } of report.violations) {
      this.violations.set(invariant, [...(this.violations.get(invariant) ?? []), report.seed]);
    }
    if (report.violations.length > 0 && this.failed.length < KEPT) this.failed.push(report);
  }

  get states(): string[] {
    const states = [...this.moves.keys()].map((move) => move.split(' > ')[1]!);
    return [...new Set(states)].toSorted();
  }

  /** Over the hashes of all seeds, in the order of the seeds. */
  get hash(): string {
    const hash = createHash('sha256');
    const bySeed = [...this.#hashes].toSorted(([a], [b]) => a - b);
    for (const [seed, each] of bySeed) hash.update(`${seed} ${each}\n`);
    return hash.digest('hex').slice(0, 16);
  }

  summary(seconds: number): Record<string, unknown> {
    return {
      seeds: this.seeds,
      calls: this.calls,
      steps: this.steps,
      simulatedHours: Math.round(this.simulatedMs / 36_000) / 100,
      seconds: Math.round(seconds * 10) / 10,
      callsPerSecond: Math.round(this.calls / seconds),
      states: this.states.length,
      transitions: this.moves.size,
      deeds: sorted(this.deeds),
      faults: sorted(this.faults),
      violations: Object.fromEntries(this.violations),
      hash: this.hash,
    };
  }

  /** For people. */
  text(seconds: number): string {
    const summary = this.summary(seconds);
    const rows = [
      'seeds',
      'calls',
      'simulatedHours',
      'seconds',
      'callsPerSecond',
      'states',
      'transitions',
    ];
    const listed = (name: 'deeds' | 'faults') =>
      Object.entries(summary[name] as object).map(([kind, count]) => `  ${kind} ${count}`);
    const broken = [...this.violations].map(
      ([invariant, seeds]) =>
        `  ${invariant}: ${INVARIANTS[invariant]}\n    seeds ${seeds.slice(0, 8).join(' ')}${seeds.length > 8 ? ` and ${seeds.length - 8} more` : ''}`,
    );
    return [
      ...rows.map((row) => `${row.padEnd(16)}${summary[row]}`),
      'done in calls',
      ...listed('deeds'),
      'faults injected',
      ...listed('faults'),
      broken.length === 0 ? 'no violation' : 'VIOLATIONS',
      ...broken,
      `hash ${this.hash}`,
    ].join('\n');
  }
}

function add(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Reports of seeds that failed, with their last lines. */
const KEPT = 20;
