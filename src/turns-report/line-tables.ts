/** The tables about what the line brings beside a caller. */
import type { TurnThresholds } from '../turns/thresholds.ts';
import { gapRows } from './gap-table.ts';
import type { Recordings } from './labelled-clips.ts';
import { machineRows, repetitionRows } from './other-side-tables.ts';

/** @returns rows by the title of their table; of what a folder has no recordings for, none */
export async function lineTables(
  recordings: Recordings,
  thresholds: TurnThresholds,
): Promise<Record<string, object[]>> {
  return {
    'what the network loses': await gapRows(recordings, thresholds),
    'the same recording again': repetitionRows(recordings),
    'answering machines, where we have called': await machineRows(recordings),
  };
}
