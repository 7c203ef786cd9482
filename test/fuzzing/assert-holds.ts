import assert from 'node:assert/strict';
import type { Reached } from './fuzz-target.ts';
import { failureText, growthBytes } from './report-text.ts';
import { GROWTH_LIMIT_BYTES, runFuzz } from './run-fuzz.ts';
import { TARGETS, type TargetName } from './targets.ts';

/** Fuzzes one door for a moment. @returns what its inputs came to */
export async function assertHolds(name: TargetName, inputs: number): Promise<Reached> {
  const target = await TARGETS[name].open();
  const report = await runFuzz(target, { inputs, seed: SEED });
  assert.ok(!report.failure, failureText(name, report));
  assert.ok(report.inputs >= inputs);
  const grown = growthBytes(report);
  assert.ok(grown <= GROWTH_LIMIT_BYTES, `expected no more to be held than before, got ${grown}`);
  return target.reached;
}

const SEED = 2026;
