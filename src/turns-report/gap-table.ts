/** What losses of the telephone network cost the turns, through the filling that a live call has. */
import { BYTES_PER_MS, decodeMulaw, encodeMulaw, MULAW_SILENCE } from '../audio/mulaw.ts';
import { SeededRandom } from '../simulators/twilio/seeded-random.ts';
import { LostSound } from '../turns/lost-sound.ts';
import type { TurnThresholds } from '../turns/thresholds.ts';
import type { SpeechWindow } from '../turns/voice-activity.ts';
import { InboundGaps } from '../twilio/inbound-gaps.ts';
import { rounded, total } from './figures.ts';
import { hear, telephoneAudio } from './hear-clip.ts';
import { type LabelledClip, type Recordings, readClip } from './labelled-clips.ts';
import { scoreTurns, type TurnScore } from './turn-score.ts';

/** Which frames of 20 ms are lost, of so many. */
type Loss = (frames: number, clip: LabelledClip, random: SeededRandom) => boolean[];

const LOSSES: Record<string, Loss> = {
  nothing: (frames) => Array.from({ length: frames }, () => false),
  '5 %, one by one': (frames, _, random) => bursts(frames, 0.05, 1, random),
  '10 %, three in a row': (frames, _, random) => bursts(frames, 0.1, 3, random),
  'a second in the middle of speech': (frames, clip) => {
    const { from, to } = longestSpeech(clip);
    const first = Math.round(((from + to) / 2 - 500) / FRAME_MS);
    return Array.from({ length: frames }, (_, i) => i >= first && i < first + 50);
  },
};

/** Filled as in a call and judged as lost; or, for comparison, silence that is judged as such. */
const FILLINGS = ['as lost', 'as silence'] as const;

export async function gapRows(
  { folder, clips, activity }: Recordings,
  thresholds: TurnThresholds,
): Promise<object[]> {
  const rows: object[] = [];
  const spoken = clips.filter(isSpokenBriefly);
  if (spoken.length === 0) return rows;
  for (const [lost, loss] of Object.entries(LOSSES)) {
    for (const judged of FILLINGS) {
      const turns = await Promise.all(
        spoken.map(async (clip) => {
          const windows = await windowsOf({ folder, activity }, clip, loss, judged);
          return scoreTurns(clip, windows, thresholds, 'open').turns;
        }),
      );
      rows.push({ lost, judged, ...figures(turns.flat()) });
    }
  }
  return rows;
}

/** Speech of some seconds, in which a second can be lost. */
function isSpokenBriefly({ category, duration_ms }: LabelledClip): boolean {
  return category === 'clean' && duration_ms < 9000;
}

async function windowsOf(
  { folder, activity }: Omit<Recordings, 'clips'>,
  clip: LabelledClip,
  loss: Loss,
  judged: (typeof FILLINGS)[number],
): Promise<SpeechWindow[]> {
  const whole = encodeMulaw(telephoneAudio(readClip(folder, clip)));
  const random = new SeededRandom(seedOf(clip.id));
  const lost = loss(Math.floor(whole.length / FRAME_BYTES), clip, random);
  const { mulaw, sound } = arrived(whole, lost);
  if (judged === 'as silence') {
    lost.forEach((isLost, i) => {
      // Where the last frames are lost, nothing tells so.
      const to = Math.min(mulaw.length, (i + 1) * FRAME_BYTES);
      if (isLost && i * FRAME_BYTES < to) mulaw.fill(MULAW_SILENCE, i * FRAME_BYTES, to);
    });
  }
  const heard = await hear(activity, decodeMulaw(mulaw));
  return judged === 'as lost' ? heard.map((window) => asLost(window, sound)) : heard;
}

function asLost(window: SpeechWindow, sound: LostSound): SpeechWindow {
  return sound.takes(window.endMs) ? { ...window, probability: 0, kind: 'lost' } : window;
}

/** What a media stream makes of the frames that arrive. */
function arrived(whole: Uint8Array, lost: readonly boolean[]) {
  const gaps = new InboundGaps();
  const sound = new LostSound(Number.POSITIVE_INFINITY);
  const pieces: Uint8Array[] = [];
  let [chunk, atMs] = [0, 0];
  const add = (piece: Uint8Array) => {
    pieces.push(piece);
    atMs += piece.length / BYTES_PER_MS;
  };
  lost.forEach((isLost, i) => {
    if (isLost && i > 0) return;
    const frame = whole.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES);
    const { filling, mulaw } = gaps.push(++chunk, i * FRAME_MS, frame)!;
    if (filling.length > 0) sound.add(atMs, atMs + filling.length / BYTES_PER_MS);
    add(filling);
    add(mulaw);
  });
  return { mulaw: Buffer.concat(pieces), sound };
}

/** Losses in runs of `length` frames on average. */
function bursts(frames: number, share: number, length: number, random: SeededRandom): boolean[] {
  const [begins, ends] = [share / (length * (1 - share)), 1 / length];
  let isLost = false;
  return Array.from({ length: frames }, () => {
    isLost = isLost ? random.next() >= ends : random.next() < begins;
    return isLost;
  });
}

function longestSpeech({ speech }: LabelledClip): { from: number; to: number } {
  const [first = [0, 0]] = speech.toSorted((a, b) => b[1] - b[0] - (a[1] - a[0]));
  return { from: first[0], to: first[1] };
}

function figures(turns: readonly TurnScore[]) {
  const after = turns.flatMap(({ finishedAfterMs }) => finishedAfterMs ?? []);
  return {
    turns: turns.length,
    found: turns.filter(({ found }) => found).length,
    cutIns: total(turns, ({ cutIns }) => cutIns),
    turnsCut: turns.filter(({ cutIns }) => cutIns > 0).length,
    finishedAfterP50: rounded(after, 0.5),
    finishedAfterP95: rounded(after, 0.95),
  };
}

/** The same losses in every run. */
function seedOf(name: string): number {
  return [...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7);
}

const FRAME_MS = 20;
const FRAME_BYTES = FRAME_MS * BYTES_PER_MS;
