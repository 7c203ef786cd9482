/**
 * `npm run report:voice-activity`: how well turns are found in real, labelled recordings. Each clip
 * goes through mu-law, the real worker and the real turn policy. Prints tables and writes
 * `out/voice-activity.json`; without the recordings it says so and ends.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeMulaw, encodeMulaw, SAMPLE_RATE_HZ } from './audio/mulaw.ts';
import { readWav } from './audio/wav.ts';
import { freshMemory, SileroModel } from './turns/silero-model.ts';
import { TURN_THRESHOLDS, type TurnThresholds } from './turns/thresholds.ts';
import type { Expectation } from './turns/turn-policy.ts';
import {
  type ClipScore,
  type LabelledClip,
  scoreOverAgent,
  scoreTurns,
  type TurnScore,
} from './turns/turn-score.ts';
import {
  SILERO_MODEL_PATH,
  type SpeechWindow,
  startVoiceActivity,
  type VoiceActivity,
} from './turns/voice-activity.ts';
import { WINDOW_SAMPLES } from './turns/window-size.ts';

const RECORDINGS = new URL('../../shared/audio/', import.meta.url);
const OUTPUT = new URL('../out/voice-activity.json', import.meta.url);

/** Silence after each clip, so that a turn which ends with its file can finish. */
const TRAILING_MS = 2000;
const CLIPS_AT_ONCE = 16;
/** Windows sent ahead of their answers; the worker's queue drops the oldest beyond 32. */
const WINDOWS_AHEAD = 16;
const CLIP_LIMIT_MS = 120_000;

interface HeardClip {
  clip: LabelledClip;
  windows: SpeechWindow[];
}

if (existsSync(new URL('labels.json', RECORDINGS))) await report();
else console.log(`No labelled recordings in ${fileURLToPath(RECORDINGS)}: nothing to report.`);

async function report(): Promise<void> {
  const heard = await hearAll();
  // What echo is mixed into is scored below, over the agent: here it would hide the caller.
  const scored = heard.filter(({ clip }) => clip.category !== 'barge-in' && !isDoubleTalk(clip));
  const scores = scoreAll(scored);
  const tables = {
    'turns, asked openly': turnRows(scores),
    'edges, by how the label was made (ms)': edgeRows(scores.flatMap(({ turns }) => turns)),
    'false starts in recordings without a caller': falseStartRows(scores),
    'what was asked': expectationRows(scored),
    'silence that ends an open turn: cutting in against waiting': finishRows(scored),
    'silence before a reply is prepared': pauseRows(scored),
    'what announces speech': onsetRows(scored),
    'over the agent': overAgentRows(heard),
    'cost of a window': await costRows(),
  };
  for (const [title, rows] of Object.entries(tables)) {
    console.log(`\n${title}`);
    console.table(rows);
  }
  const missed = scores.filter(({ turns }) => turns.some(({ found }) => !found));
  console.log(`\nturns not found in: ${missed.map(({ clip }) => clip.id).join(', ') || 'none'}`);
  mkdirSync(new URL('.', OUTPUT), { recursive: true });
  const result = {
    thresholds: TURN_THRESHOLDS,
    missed: missed.map(({ clip }) => clip.id),
    ...tables,
  };
  writeFileSync(OUTPUT, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`written to ${fileURLToPath(OUTPUT)}`);
}

async function hearAll(): Promise<HeardClip[]> {
  const labels = readFileSync(new URL('labels.json', RECORDINGS), 'utf8');
  const { clips } = JSON.parse(labels) as { clips: LabelledClip[] };
  const activity = await startVoiceActivity();
  const heard: HeardClip[] = [];
  const waiting = [...clips];
  const hearNext = async () => {
    for (let clip = waiting.shift(); clip; clip = waiting.shift()) {
      heard.push({ clip, windows: await hear(activity, telephoneAudio(clip)) });
    }
  };
  try {
    await Promise.all(Array.from({ length: CLIPS_AT_ONCE }, hearNext));
  } finally {
    await activity.close();
  }
  return heard;
}

/** The clip as the telephone would bring it: through mu-law and back. */
function telephoneAudio({ file }: LabelledClip): Int16Array {
  const { samples } = readWav(readFileSync(new URL(file, RECORDINGS)));
  const padded = new Int16Array(samples.length + (TRAILING_MS * SAMPLE_RATE_HZ) / 1000);
  padded.set(samples);
  return decodeMulaw(encodeMulaw(padded));
}

/** Sends the audio no faster than the answers come. */
function hear(activity: VoiceActivity, samples: Int16Array): Promise<SpeechWindow[]> {
  return new Promise((resolve, reject) => {
    const windows: SpeechWindow[] = [];
    const expected = Math.floor(samples.length / WINDOW_SAMPLES);
    let sent = 0;
    const timer = setTimeout(
      () => reject(new Error(`expected ${expected} windows in ${CLIP_LIMIT_MS} ms`)),
      CLIP_LIMIT_MS,
    );
    const send = () => {
      const from = sent;
      sent = Math.min(expected, windows.length + WINDOWS_AHEAD);
      stream.push(samples.subarray(from * WINDOW_SAMPLES, sent * WINDOW_SAMPLES));
    };
    const stream = activity.open((window) => {
      windows.push(window);
      if (windows.length < expected) return send();
      clearTimeout(timer);
      stream.close();
      resolve(windows);
    }, reject);
    send();
  });
}

function scoreAll(
  heard: readonly HeardClip[],
  thresholds: TurnThresholds = TURN_THRESHOLDS,
  expecting: Expectation = 'open',
): ClipScore[] {
  return heard.map(({ clip, windows }) => scoreTurns(clip, windows, thresholds, expecting));
}

/** A mixture of near and far speech, whose labels cannot say which is which. */
function isDoubleTalk({ label_confidence }: LabelledClip): boolean {
  return label_confidence === 'low';
}

function turnRows(scores: readonly ClipScore[]) {
  const turns = scores.flatMap((score) => score.turns);
  const rows = Object.entries(Object.groupBy(turns, ({ category }) => category));
  return [...rows, ['all', turns] as const].map(([category, some = []]) => ({
    category,
    ...turnFigures(some),
  }));
}

function turnFigures(turns: readonly TurnScore[]) {
  const after = turns.flatMap(({ finishedAfterMs }) => finishedAfterMs ?? []);
  return {
    turns: turns.length,
    found: turns.filter(({ found }) => found).length,
    cutIns: total(turns, ({ cutIns }) => cutIns),
    turnsCut: turns.filter(({ cutIns }) => cutIns > 0).length,
    caughtIn300ms: total(turns, ({ cutInsCaught }) => cutInsCaught),
    finishedAfterP50: quantile(after, 0.5),
    finishedAfterP95: quantile(after, 0.95),
  };
}

function edgeRows(turns: readonly TurnScore[]) {
  const rows = Object.entries(Object.groupBy(turns, ({ confidence }) => confidence));
  return rows.map(([labels, some = []]) => {
    const onset = some.flatMap(({ onsetErrorMs }) => onsetErrorMs ?? []);
    const spoke = some.flatMap(({ spokeAfterMs }) => spokeAfterMs ?? []);
    const end = some.flatMap(({ endErrorMs }) => endErrorMs ?? []);
    const close = onset.filter((error) => Math.abs(error) <= 120).length;
    return {
      labels,
      turns: some.length,
      onsetP50: quantile(onset, 0.5),
      onsetP95: quantile(onset.map(Math.abs), 0.95),
      onsetWithin120: `${((100 * close) / some.length).toFixed(1)} %`,
      spokeAfterP50: quantile(spoke, 0.5),
      spokeAfterP95: quantile(spoke, 0.95),
      endP50: quantile(end, 0.5),
      endP95: quantile(end.map(Math.abs), 0.95),
    };
  });
}

function falseStartRows(scores: readonly ClipScore[]) {
  const silent = scores.filter(({ clip }) => clip.speech.length === 0);
  return Object.entries(Object.groupBy(silent, ({ clip }) => clip.category)).map(
    ([category, some = []]) => {
      const minutes = total(some, ({ clip }) => clip.duration_ms) / 60_000;
      const falseStarts = total(some, (score) => score.falseStarts);
      const fired = some.filter((score) => score.falseStarts > 0);
      return {
        category,
        minutes: Number(minutes.toFixed(2)),
        falseStarts,
        perMinute: Number((falseStarts / minutes).toFixed(2)),
        answered: total(some, ({ falseTurns }) => falseTurns),
        by: fired.map((score) => `${score.clip.id} ${score.falseStarts}`).join(', '),
      };
    },
  );
}

function expectationRows(heard: readonly HeardClip[]) {
  const cases: [string, Expectation][] = [
    ['backchannel', 'open'],
    ['backchannel', 'yesNo'],
    ['digits', 'open'],
    ['digits', 'number'],
    ['thinking-pause', 'open'],
    ['thinking-pause', 'name'],
  ];
  return cases.map(([category, asked]) => {
    const some = heard.filter(({ clip }) => clip.category === category);
    const turns = scoreAll(some, TURN_THRESHOLDS, asked).flatMap((score) => score.turns);
    return { category, asked, ...turnFigures(turns) };
  });
}

function finishRows(heard: readonly HeardClip[]) {
  return [300, 400, 460, 520, 600, 700, 900, 1200].map((open) => {
    const finishMs = { ...TURN_THRESHOLDS.finishMs, open };
    const scores = scoreAll(heard, { ...TURN_THRESHOLDS, finishMs });
    return { openFinishMs: open, ...turnFigures(scores.flatMap(({ turns }) => turns)) };
  });
}

function pauseRows(heard: readonly HeardClip[]) {
  const speaking = heard.filter(({ clip }) => clip.speech.length > 0);
  return [96, 128, 160, 200, 256, 320].map((pauseMs) => {
    const scores = scoreAll(speaking, { ...TURN_THRESHOLDS, pauseMs });
    const prepared = total(scores, ({ pauses }) => pauses);
    const dropped = total(scores, ({ pausesResumed }) => pausesResumed);
    return {
      pauseMs,
      prepared,
      dropped,
      adopted: `${Math.round(100 - (100 * dropped) / prepared)} %`,
    };
  });
}

function onsetRows(heard: readonly HeardClip[]) {
  const trusted = heard.filter(({ clip }) => clip.label_confidence !== 'human');
  return [0.5, 0.6, 0.7].flatMap((onProbability) =>
    [32, 64, 96].map((confirmMs) => {
      const listening = { ...TURN_THRESHOLDS.modes.listening, onProbability, confirmMs };
      const modes = { ...TURN_THRESHOLDS.modes, listening };
      const scores = scoreAll(trusted, { ...TURN_THRESHOLDS, modes });
      const after = scores.flatMap(({ turns }) => turns.flatMap((turn) => turn.spokeAfterMs ?? []));
      const falseStartsBy = (category: string) =>
        total(scores, ({ clip, falseStarts }) => (clip.category === category ? falseStarts : 0));
      return {
        onProbability,
        confirmMs,
        spokeAfterP50: quantile(after, 0.5),
        spokeAfterP95: quantile(after, 0.95),
        falseStartsOnNoise: falseStartsBy('noise'),
        falseStartsOnEcho: falseStartsBy('echo'),
      };
    }),
  );
}

function overAgentRows(heard: readonly HeardClip[]) {
  return heard
    .filter(({ clip }) => clip.category === 'backchannel' || clip.category === 'barge-in')
    .map(({ clip, windows }) => scoreOverAgent(clip, windows, TURN_THRESHOLDS));
}

/** On this thread: an inference alone against one for several streams. */
async function costRows() {
  const model = await SileroModel.load(SILERO_MODEL_PATH);
  const rows = [];
  for (const streams of [1, 4, 16, 64]) {
    const memories = Array.from({ length: streams }, freshMemory);
    const windows = new Int16Array(streams * WINDOW_SAMPLES);
    const runs = [];
    for (let run = 0; run < 200; run++) {
      const before = performance.now();
      await model.run(windows, memories);
      runs.push(((performance.now() - before) * 1000) / streams);
    }
    const [p50, p95] = [quantile(runs, 0.5), quantile(runs, 0.95)];
    rows.push({ streams, usPerWindowP50: p50, usPerWindowP95: p95 });
  }
  return rows;
}

function total<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}

function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return value === undefined ? undefined : Math.round(value);
}
