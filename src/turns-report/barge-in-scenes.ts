/** The scenes in which the agent is interrupted, and those in which it must not be. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { decodeMulaw, encodeMulaw } from '../audio/mulaw.ts';
import { readWav } from '../audio/wav.ts';
import type { EchoPath } from '../simulators/twilio/line-echo.ts';
import { atLevel, type Scene, sentences } from './barge-in-scene.ts';
import { type LabelledClip, readClip } from './labelled-clips.ts';

/** None where the folder has no sentences to speak. */
export function bargeInScenes(folder: string, clips: readonly LabelledClip[]): Scene[] {
  const read = (clip: LabelledClip) => decodeMulaw(encodeMulaw(readClip(folder, clip)));
  const spoken = clips.filter(({ category, speech }) => category === 'clean' && speech.length > 0);
  const long = spoken.filter(({ duration_ms }) => duration_ms >= LONG_MS).slice(0, AGENT_CLIPS);
  if (long.length < AGENT_CLIPS) return [];
  const agents = [0, 1, 2].map((voice) => {
    const recordings = long.filter((_, index) => index % 3 === voice).map(read);
    return atLevel(sentences(recordings, AGENT_MS), AGENT_DB);
  });
  const callers = [
    ...spoken.filter((clip) => !long.includes(clip)),
    ...clips.filter(({ category }) => category === 'shortword'),
  ];
  const over = (clip: LabelledClip, index: number, levelDb: number, atMs: number) =>
    callerScene(clip, atLevel(read(clip), AGENT_DB + levelDb), agents[index % 3]!, atMs, index);
  return [
    ...recordedScenes(folder, clips),
    ...echoOnly(agents, 'echo only, mixed: 12 to 30 dB, 40 to 800 ms'),
    ...[20, 80].flatMap((lateMs) =>
      echoOnly(agents, `the same, each stretch up to ${lateMs} ms later`).map((scene) => ({
        ...scene,
        stretches: { everyMs: 2500, lateMs },
      })),
    ),
    ...quietScenes(clips, read, agents),
    ...CALLS.flatMap(({ group, levelDb, lossDb, atMs, every, stretches }) =>
      callers
        .filter((_, index) => index % every === 0)
        .map((clip, index) => ({
          ...over(clip, index, levelDb, atMs + (index % 8) * 60),
          group,
          ...(stretches && { stretches }),
          ...(lossDb !== undefined && { echo: pathOf(index, lossDb) }),
        })),
    ),
    ...clips
      .filter(({ category }) => category === 'backchannel')
      .map((clip, index) => ({
        ...over(clip, index, 0, LATER_MS),
        group: BACKCHANNELS,
        echo: pathOf(index, 20),
      })),
  ];
}

export const BACKCHANNELS = 'short sounds over -20 dB';

/** Echo that was made with what is known to have been played; and what a canceller left of some. */
function recordedScenes(folder: string, clips: readonly LabelledClip[]): Scene[] {
  return clips.flatMap((clip): Scene[] => {
    const { id, category, speech, echo_ref: reference } = clip;
    if (category !== 'echo' && category !== 'barge-in') return [];
    const sound = decodeMulaw(encodeMulaw(readClip(folder, clip)));
    const own = { id, sound, noiseDb: -96, seed: 1 };
    if (id.startsWith('aec_residual')) {
      return [{ ...own, group: 'left by a canceller, what was played unknown', agent: NOTHING }];
    }
    const path = join(folder, 'echo', basename(String(reference)));
    if (typeof reference !== 'string' || !existsSync(path)) return [];
    const { samples } = readWav(readFileSync(path));
    const [first] = speech;
    if (!first) return [{ ...own, group: 'echo only, recorded', agent: samples }];
    const times = { startMs: first[0], endMs: first[1] };
    return [{ ...own, group: 'interruptions, recorded', agent: samples, speech: times }];
  });
}

function echoOnly(agents: readonly Int16Array[], group: string): Scene[] {
  return Array.from({ length: ECHO_SCENES }, (_, index) => ({
    id: `echo ${index}`,
    group,
    agent: agents[index % agents.length]!,
    echo: pathOf(index, LOSSES_DB[index % LOSSES_DB.length]!),
    noiseDb: -55 - (index % 4) * 6,
    seed: index + 1,
  }));
}

function quietScenes(
  clips: readonly LabelledClip[],
  read: (clip: LabelledClip) => Int16Array,
  agents: readonly Int16Array[],
): Scene[] {
  const groups = clips.filter(
    ({ category, speech }) =>
      ['noise', 'signalling', 'silence'].includes(category) && speech.length === 0,
  );
  return groups.map((clip, index) => {
    const voices = clip.category === 'noise' && /babble|voice/.test(`${clip.id} ${clip.notes}`);
    return {
      id: clip.id,
      group: `${clip.category}${voices ? ' with voices' : ''} over -20 dB`,
      agent: agents[index % agents.length]!,
      echo: pathOf(index, 20),
      sound: read(clip),
      noiseDb: -65,
      seed: index + 1,
    };
  });
}

function callerScene(
  { id, speech }: LabelledClip,
  sound: Int16Array,
  agent: Int16Array,
  atMs: number,
  index: number,
): Omit<Scene, 'group'> {
  const [startMs = 0, endMs = 0] = speech[0] ?? [];
  // What precedes the speech in its recording is left out, but for a breath.
  const skippedMs = Math.max(0, startMs - BREATH_MS);
  return {
    id,
    agent,
    sound: sound.subarray(skippedMs * 8, (skippedMs + CALLER_MS) * 8),
    soundAtMs: atMs,
    speech: { startMs: atMs + startMs - skippedMs, endMs: atMs + endMs - skippedMs },
    noiseDb: -62,
    seed: index + 1,
  };
}

/** Delays from 40 to 800 ms, and all kinds of paths with each loss. */
function pathOf(index: number, lossDb: number): EchoPath {
  const kind = (['line', 'room', 'mobile'] as const)[Math.floor(index / LOSSES_DB.length) % 3]!;
  return { kind, lossDb, delayMs: 40 + ((index * 227) % 761) };
}

const LATER_MS = 2500;
/** The caller's level against the agent's; the echo's loss; when. */
const CALLS: readonly {
  group: string;
  levelDb: number;
  lossDb: number | undefined;
  atMs: number;
  every: number;
  stretches?: Scene['stretches'];
}[] = [
  { group: 'as loud, -20 dB', levelDb: 0, lossDb: 20, atMs: LATER_MS, every: 1 },
  { group: '6 dB softer, -20 dB', levelDb: -6, lossDb: 20, atMs: LATER_MS, every: 2 },
  { group: '10 dB softer, -20 dB', levelDb: -10, lossDb: 20, atMs: LATER_MS, every: 2 },
  { group: 'as loud, -12 dB', levelDb: 0, lossDb: 12, atMs: LATER_MS, every: 2 },
  { group: 'as loud, -30 dB', levelDb: 0, lossDb: 30, atMs: LATER_MS, every: 2 },
  { group: 'as loud, no echo', levelDb: 0, lossDb: undefined, atMs: LATER_MS, every: 2 },
  {
    group: 'as loud, -20 dB, within a second of another stretch',
    levelDb: 0,
    lossDb: 20,
    atMs: 2700,
    every: 2,
    stretches: { everyMs: 2000, lateMs: 80 },
  },
  { group: 'as loud, -20 dB, first second', levelDb: 0, lossDb: 20, atMs: 500, every: 2 },
  { group: 'as loud, no echo, first second', levelDb: 0, lossDb: undefined, atMs: 500, every: 2 },
];
const ECHO_SCENES = 120;
const LOSSES_DB = [12, 16, 20, 25, 30];
const NOTHING = new Int16Array();
/** Agents are made of six sentences of 3 s and more. */
const LONG_MS = 3000;
const AGENT_CLIPS = 6;
const AGENT_MS = 10_000;
const AGENT_DB = -24;
const CALLER_MS = 3000;
const BREATH_MS = 100;
