/**
 * How much silence ends the caller's turn. Each piece of evidence adds or takes away points, and a
 * point doubles the silence; `docs/turns.md` has the table and what each of them buys. Pure.
 */
import type { Ending } from './prosody.ts';
import type { Expectation } from './turn-policy.ts';

/** Durations in ms; points are powers of two of the silence. */
export interface EndpointThresholds {
  /** What is never fallen short of and never exceeded, whatever the evidence. */
  soonestMs: Record<Expectation, number>;
  latestMs: Record<Expectation, number>;
  /** How much of the voice's points counts: a "yes" has no sentence's melody. */
  voiceShare: Record<Expectation, number>;
  /** A voice at its usual pitch goes on; it is over where it has moved away from there. */
  pitch: {
    levelPoints: number;
    pointsPerStFallen: number;
    pointsPerStRisen: number;
    maxSt: number;
    /** Half of it counts where the usual pitch is known from so much of voice. */
    halfKnownMs: number;
  };
  /** The last syllable is softer than the caller's loud ones by this much where nothing is known. */
  energy: { usualDropDb: number; maxDropDb: number; pointsPerDb: number };
  /** Who has said more has said all: points for each doubling. */
  spoken: { usualMs: number; leastMs: number; mostMs: number; pointsPerDoubling: number };
  /** A sound held at one pitch and level: "uhhh". */
  held: { ms: number; points: number };
  /** A number of which so much has been said is complete. */
  number: { enoughMs: number; points: number };
  /** Of the pauses from which this caller came back, as if two usual ones were among them. */
  pauses: { usualMs: number; pointsPerDoubling: number };
  /** Of the turn model's odds that the turn is over: points for each doubling, and at most. */
  model: { pointsPerDoubling: number; maxPoints: number };
}

/** What is known of a turn at a pause. */
export interface TurnEvidence {
  expecting: Expectation;
  /** Voiced time so far. */
  speechMs: number;
  ending: Ending;
  /** The usual length of the pauses in this call from which the caller came back. */
  callPauseMs: number;
  /** What the turn model says, 0 to 1: that the turn is over. */
  complete?: number | undefined;
}

export interface Endpoint {
  silenceMs: number;
  /** For the log: what was asked, the silence, and what moved it. */
  reason: string;
}

/** @param finishMs the silence that ends a turn of which nothing is known */
export function endpointOf(
  evidence: TurnEvidence,
  finishMs: Record<Expectation, number>,
  thresholds: EndpointThresholds,
): Endpoint {
  const { expecting } = evidence;
  const moves = movesOf(evidence, thresholds).filter(({ points }) => points !== 0);
  const points = moves.reduce((sum, move) => sum + move.points, 0);
  const wantedMs = finishMs[expecting] * 2 ** points;
  const soonestMs = Math.min(thresholds.soonestMs[expecting], finishMs[expecting]);
  const latestMs = Math.max(thresholds.latestMs[expecting], finishMs[expecting]);
  const silenceMs = Math.round(Math.min(latestMs, Math.max(soonestMs, wantedMs)));
  const told = moves
    .filter((move) => Math.abs(move.points) >= WORTH_TELLING)
    .map((move) => `${move.name} ×${(2 ** move.points).toFixed(1)}`);
  const because = told.length > 0 ? `: ${told.join(', ')}` : '';
  return { silenceMs, reason: `${expecting}: ${silenceMs} ms of silence${because}` };
}

/** After a key, this much silence ends the entry: a person looks up a number digit by digit. */
export function keypadPauseMs(digits: number, expectsNumber: boolean): number {
  return expectsNumber && digits >= TELEPHONE_DIGITS ? 1000 : 2000;
}

/** From here on a telephone number may be complete; longer ones are typed on within a second. */
const TELEPHONE_DIGITS = 10;
/** Of points: a seventh more or less silence. */
const WORTH_TELLING = 0.2;

interface Move {
  name: string;
  points: number;
}

function movesOf(evidence: TurnEvidence, thresholds: EndpointThresholds): Move[] {
  const { expecting, speechMs, complete } = evidence;
  const { number, model } = thresholds;
  const moves = [...voiceMoves(evidence, thresholds), pauseMove(evidence, thresholds)];
  if (expecting === 'number' && speechMs >= number.enoughMs) {
    moves.push({ name: 'a whole number', points: -number.points });
  }
  if (complete !== undefined) {
    const doublings = Math.log2((1 - complete + 1e-6) / (complete + 1e-6));
    const points = within(model.maxPoints, doublings * model.pointsPerDoubling);
    moves.push({ name: `turn model ${complete.toFixed(2)}`, points });
  }
  return moves;
}

/** Without a pitch the rest is as silent: a noise and a whisper have levels, but no melody. */
function voiceMoves(evidence: TurnEvidence, thresholds: EndpointThresholds): Move[] {
  const { expecting, speechMs, ending } = evidence;
  const { pitchSt, dropDb, heldMs } = ending;
  const { voiceShare, energy, spoken, held } = thresholds;
  if (pitchSt === undefined) return [];
  if (heldMs >= held.ms) return [{ name: 'a held sound', points: held.points }];
  const share = voiceShare[expecting];
  const drop = energy.usualDropDb - Math.min(energy.maxDropDb, dropDb);
  const said = Math.min(spoken.mostMs, Math.max(spoken.leastMs, speechMs)) / spoken.usualMs;
  return [
    { name: `pitch ${signed(pitchSt)} st`, points: share * pitchPoints(ending, thresholds) },
    { name: `energy ${signed(-dropDb)} dB`, points: share * drop * energy.pointsPerDb },
    {
      name: `${(speechMs / 1000).toFixed(1)} s of speech`,
      points: -share * spoken.pointsPerDoubling * Math.log2(said),
    },
  ];
}

function pitchPoints({ pitchSt = 0, usualPitchMs }: Ending, { pitch }: EndpointThresholds): number {
  const perSt = pitchSt < 0 ? pitch.pointsPerStFallen : pitch.pointsPerStRisen;
  const known = usualPitchMs / (usualPitchMs + pitch.halfKnownMs);
  return known * (pitch.levelPoints - perSt * Math.min(pitch.maxSt, Math.abs(pitchSt)));
}

function pauseMove({ callPauseMs }: TurnEvidence, { pauses }: EndpointThresholds): Move {
  const points = pauses.pointsPerDoubling * Math.log2(callPauseMs / pauses.usualMs);
  return { name: `pauses of ${Math.round(callPauseMs)} ms`, points };
}

function within(limit: number, value: number): number {
  return Math.min(limit, Math.max(-limit, value));
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(1)}`;
}
