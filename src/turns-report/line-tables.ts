/** The tables about what the line brings beside a caller. */
import { startVoiceActivity } from '../turns/voice-activity.ts';
import { clipsForGaps, gapRows } from './gap-table.ts';
import { readLabels } from './labelled-clips.ts';
import { machineRows, repetitionRows } from './other-side-tables.ts';

/** @returns rows by the title of their table; of what a folder has no recordings for, none */
export async function lineTables(folder: string): Promise<Record<string, object[]>> {
  const clips = readLabels(folder);
  const activity = await startVoiceActivity();
  try {
    return {
      'what the network loses': await gapRows(activity, folder, clipsForGaps(clips)),
      'the same recording again': repetitionRows(folder, clips),
      'answering machines, where we have called': await machineRows(activity, folder, clips),
    };
  } finally {
    await activity.close();
  }
}
