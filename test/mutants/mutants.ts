/**
 * Planted bugs: a line of the program, made wrong. Each must be caught within 2,000 calls, or an
 * invariant is missing.
 */
import type { Mutant as Planted } from '../simulation/module-hooks.ts';
import { callMutants } from './call-mutants.ts';
import { journalMutants } from './journal-mutants.ts';
import { machineMutants } from './machine-mutants.ts';
import { peerMutants } from './peer-mutants.ts';

export interface Mutant extends Planted {
  /** The whole program in simulated calls; a machine on every path of its model, or on walks. */
  catcher: 'simulation' | 'paths' | 'walks';
  /**
   * The first seed of the simulation: near one that catches it, so that all of them together take a
   * minute. Without it, the first of all.
   */
  seed?: number;
}

export const mutants: readonly Mutant[] = [
  ...machineMutants,
  ...peerMutants,
  ...callMutants,
  ...journalMutants,
];
