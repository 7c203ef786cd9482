/**
 * `npm run turns`: how well turns are found and ended in labelled recordings, through the code that a
 * live call uses and faster than real time. Prints tables; writes `out/turns.json` and `out/turns.svg`.
 * Exit codes: 0 reported, 2 the command line or the recordings are not what is expected.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readThresholds } from './replay/departures.ts';
import type { TurnThresholds } from './turns/thresholds.ts';
import { startVoiceActivity } from './turns/voice-activity.ts';
import { bargeInTables } from './turns-report/barge-in-tables.ts';
import { costRows } from './turns-report/cost-table.ts';
import * as endpointing from './turns-report/endpointing-tables.ts';
import { scoreAll } from './turns-report/figures.ts';
import { type HeardClip, hearClips } from './turns-report/hear-clip.ts';
import { type LabelledClip, readLabels } from './turns-report/labelled-clips.ts';
import { lineTables } from './turns-report/line-tables.ts';
import { edgeRows, falseStartRows, onsetRows } from './turns-report/onset-tables.ts';
import { readTurnsArguments } from './turns-report/report-arguments.ts';
import { tradeOff } from './turns-report/trade-off.ts';
import { tradeOffSvg } from './turns-report/trade-off-plot.ts';
import { UsageError } from './usage-error.ts';

const RECORDINGS = fileURLToPath(new URL('../../shared/audio', import.meta.url));
const OUTPUT = fileURLToPath(new URL('../out', import.meta.url));

try {
  const { folder = RECORDINGS, settings } = readTurnsArguments(process.argv.slice(2));
  const thresholds = readThresholds(settings);
  await reportOn(folder, thresholds);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function reportOn(folder: string, thresholds: TurnThresholds): Promise<void> {
  const clips = readLabels(folder);
  const activity = await startVoiceActivity();
  try {
    const recordings = { folder, clips, activity };
    const heard = await hearClips(recordings);
    const overAgent = await bargeInTables(recordings, thresholds);
    const ofTheLine = await lineTables(recordings, thresholds);
    await report(heard, thresholds, { ...overAgent, ...ofTheLine });
  } finally {
    await activity.close();
  }
}

async function report(
  heard: readonly HeardClip[],
  thresholds: TurnThresholds,
  ofTheLine: Record<string, object[]>,
): Promise<void> {
  // What the agent's voice is mixed into is judged over the agent: here it would hide the caller.
  const scored = heard.filter(({ clip }) => clip.category !== 'barge-in' && !isDoubleTalk(clip));
  const scores = scoreAll(scored, thresholds);
  const turns = scores.flatMap((score) => score.turns);
  const curves = tradeOff(scored, thresholds);
  const tables: Record<string, object[]> = {
    'turns, asked openly': endpointing.turnRows(scores),
    'sentences: clean, thinking-pause': endpointing.halfRows(scored, thresholds),
    'what each piece of evidence buys there': endpointing.evidenceRows(scored, thresholds),
    'what was asked': endpointing.expectationRows(scored, thresholds),
    'silence before a reply is prepared': endpointing.pauseRows(scored, thresholds),
    ...Object.fromEntries(curves.map(({ name, points }) => [`trade-off: ${name}`, points])),
    'edges, by how the label was made (ms)': edgeRows(turns),
    'false starts in recordings without a caller': falseStartRows(scores),
    'what announces speech': onsetRows(scored, thresholds),
    ...ofTheLine,
    'cost of a window': await costRows(),
  };
  for (const [title, rows] of Object.entries(tables)) {
    console.log(`\n${title}`);
    console.table(rows);
  }
  const cutIns = endpointing.cutInLines(
    scores.filter(({ clip }) => endpointing.SENTENCES.includes(clip.category)),
  );
  console.log(`\ncut-ins\n${cutIns.join('\n') || 'none'}`);
  const missed = scores.filter(({ turns: each }) => each.some(({ found }) => !found));
  console.log(`\nturns not found in: ${missed.map(({ clip }) => clip.id).join(', ') || 'none'}`);
  write('turns.json', JSON.stringify({ thresholds, tables, cutIns }, undefined, 1));
  write('turns.svg', tradeOffSvg(curves, thresholds.finishMs.open));
}

function write(name: string, text: string): void {
  mkdirSync(OUTPUT, { recursive: true });
  writeFileSync(`${OUTPUT}/${name}`, text);
  console.log(`written: ${OUTPUT}/${name}`);
}

/** A mixture of near and far speech, whose labels cannot say which is which. */
function isDoubleTalk({ label_confidence }: LabelledClip): boolean {
  return label_confidence === 'low';
}
