import { type EngineContext, type EngineLimits, engineMachine } from '../../machines/engine.ts';
import { type ContextRead, MachineModel, type ModelOptions } from './machine-model.ts';

/** Distinct values, and as few failures as make a difference. */
export const ENGINE_LIMITS: EngineLimits = {
  warmUpMs: 60_000,
  probeMs: 5000,
  probeIntervalMs: 30_000,
  forgiveMs: 10_000,
  failures: 3,
  backOffMs: 1000,
  backOffMaxMs: 8000,
};

export function engineModel(allows?: ModelOptions['allows']): MachineModel {
  return new MachineModel(engineMachine, {
    input: { limits: ENGINE_LIMITS },
    reads: READS,
    ...(allows && { allows }),
  });
}

const READS: ContextRead[] = [
  {
    guards: ['tooManyFailures'],
    value: ({ failures, limits }: EngineContext) => Math.min(failures, limits.failures),
  },
];
