/** Labelled recordings of a folder: `labels.json`, and the WAV files that it names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readWav } from '../audio/wav.ts';
import type { VoiceActivity } from '../turns/voice-activity.ts';
import { UsageError } from '../usage-error.ts';

const clip = z.looseObject({
  id: z.string().min(1),
  category: z.string().min(1),
  /** 8 kHz, mono, 16 bits; relative to the folder. */
  file: z.string().min(1),
  duration_ms: z.number().positive(),
  /** Where somebody speaks, in ms from the start of the file, in order. */
  speech: z.array(z.tuple([z.number().min(0), z.number().positive()])),
  /** How far the labels are to be trusted: exact, human, model+energy, assumed, low. */
  label_confidence: z.string(),
  /** What a clip that was made of others was made of. */
  source: z.looseObject({ from: z.array(z.string()).optional() }).optional(),
});

export type LabelledClip = z.infer<typeof clip>;

/** What a table is made from. */
export interface Recordings {
  folder: string;
  clips: readonly LabelledClip[];
  /** That hears them. */
  activity: VoiceActivity;
}

/** @throws {UsageError} where the folder has no labels, or they are not of this form */
export function readLabels(folder: string): LabelledClip[] {
  const path = join(folder, 'labels.json');
  const result = z.object({ clips: z.array(clip).min(1) }).safeParse(parsed(path));
  if (result.success) return result.data.clips;
  const [issue] = result.error.issues;
  throw new UsageError(`${path}, ${issue?.path.join('.') || 'the whole'}: ${issue?.message}`);
}

/** @throws {UsageError} where the recording is missing or is no WAV at 8 kHz */
export function readClip(folder: string, { file }: LabelledClip): Int16Array {
  const path = join(folder, file);
  try {
    const { samples, sampleRateHz } = readWav(readFileSync(path));
    if (sampleRateHz !== 8000) throw new RangeError(`expected 8000 Hz, got ${sampleRateHz}`);
    return samples;
  } catch (error) {
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * Recordings fall into two halves by their names, so that thresholds found on one can be checked on the
 * other. What was made of a recording is in its half.
 */
export function halfOf({ id, source }: LabelledClip): 0 | 1 {
  const name = source?.from?.[0] ?? id;
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return ((hash >>> 8) & 1) as 0 | 1;
}

function parsed(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UsageError(
      `expected labelled recordings, found no ${path}: name their folder with --folder`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path}: expected JSON, ${error instanceof Error ? error.message : ''}`);
  }
}
