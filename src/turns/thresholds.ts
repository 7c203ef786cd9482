/**
 * Every number that decides about a turn, with its unit and its reason. What each of them costs and
 * buys on real recordings is measured in `docs/turns.md`. Silero judges windows of 32 ms, so every
 * time below is in effect rounded up to the next window.
 */
import type { EndpointThresholds } from './endpointing.ts';
import type { InterruptionThresholds } from './interruption.ts';
import type { EdgeThresholds, RunThresholds } from './speech-runs.ts';
import type { Expectation, TurnMode } from './turn-policy.ts';

export interface ModeThresholds extends RunThresholds {
  /** Unbroken speech before `spoke` or `resumed`, in ms. */
  confirmMs: number;
}

export interface TurnThresholds {
  modes: Record<TurnMode, ModeThresholds>;
  edges: EdgeThresholds;
  /** Silence before `paused`. */
  pauseMs: number;
  /** Silence before `finished`, by what was asked, where nothing else is known. */
  finishMs: Record<Expectation, number>;
  /** What moves it. */
  endpoint: EndpointThresholds;
  /** A segment with less voiced time than this is `ignored`. */
  minSpeechMs: number;
  /** Voiced time that makes a sound over the agent an interruption. */
  interruptMs: number;
  interruption: InterruptionThresholds;
  /** Silence that ends a segment which is no turn: a click, or a "mhm" over the agent. */
  ignoreMs: number;
}

/** Chosen on a plateau, not at a peak: what either half of the recordings prefers is near by. */
const ENDPOINT = {
  // Thirteen windows. A plainly finished sentence is answered within half a second.
  soonestMs: { open: 416, yesNo: 320, number: 500, name: 500 },
  // The caller hears nothing for as long. 2 s would save none of the pauses among the recordings.
  latestMs: { open: 1600, yesNo: 640, number: 1600, name: 1600 },
  voiceShare: { open: 1, yesNo: 0.1, number: 0.5, name: 0.5 },
  // A level voice waits four times as long, one that fell by three semitones as long as one of which
  // nothing is known. A rise may be a question or a clause that goes on: it says little.
  pitch: {
    levelPoints: 2,
    pointsPerStFallen: 0.7,
    pointsPerStRisen: 0.15,
    maxSt: 6,
    halfKnownMs: 100,
  },
  energy: { usualDropDb: 3, maxDropDb: 8, pointsPerDb: 0.03 },
  spoken: { usualMs: 1800, leastMs: 900, mostMs: 4000, pointsPerDoubling: 0.2 },
  // Not in the recordings; no end of a turn among them is held for longer than 250 ms.
  held: { ms: 320, points: 1.5 },
  // Ten digits have 3.5 to 4.5 s of voice, the first seven of them less than 2.8.
  number: { enoughMs: 3200, points: 1 },
  pauses: { usualMs: 300, pointsPerDoubling: 0.3 },
  // Not measured: there was no model at hand. Half of its doubt is ours.
  model: { pointsPerDoubling: 0.5, maxPoints: 2 },
} as const satisfies EndpointThresholds;

const INTERRUPTION = {
  // A caller as loud as the agent is explained by less than half, even over an echo at -12 dB. What is
  // left of echo, and is taken for a voice, is explained by more: docs/echo.md.
  maxEcho: { starting: 0.7, going: 0.9 },
  // A television behind the caller. Nobody's own voice moves by as much without leaving the telephone.
  softerDb: 20,
  // What is left of echo and noise is as soft; a caller on a line that loses 25 dB is at -45.
  softestDb: -55,
  // "Stop ... wait". Between the halves of "uh-huh" and "okay" no voice is missing.
  words: { wordMs: 96, gapMs: 96, interruptMs: 416 },
} as const satisfies InterruptionThresholds;

export const TURN_THRESHOLDS = {
  modes: {
    // 0.5 and 0.35 are Silero's own. One window would be 32 ms faster and a third 32 ms slower;
    // neither changed the false starts on noise. Two, because few clicks were among the recordings.
    listening: { onProbability: 0.5, offProbability: 0.35, confirmMs: 64 },
    thinking: { onProbability: 0.5, offProbability: 0.35, confirmMs: 64 },
    // A false start here is a hole in the reply, and echo is weak speech: 0.6 takes away two of
    // twelve false starts on echo and costs 10 ms at p95. Stopping has to stay within 250 ms.
    speaking: { onProbability: 0.6, offProbability: 0.35, confirmMs: 64 },
    // The sound has been stopped already; what matters now is to measure its length rightly.
    interrupted: { onProbability: 0.5, offProbability: 0.35, confirmMs: 64 },
  },
  edges: {
    // Fricatives and soft voices rise for up to four windows before they pass 0.5.
    riseProbability: 0.1,
    maxRiseMs: 128,
    // Silero stays on for 30-100 ms after the sound has stopped. Counting silence from the sound is
    // truer and finishes 32 ms sooner at the median. Never more than four windows, so that speech
    // close to the noise cannot be taken for silence.
    soundAboveFloorDb: 6,
    maxHangoverMs: 128,
  },
  // The engine and the voice need 300 ms and more, and the turn is over after 400 to 500: what is
  // asked for later than here is what the caller waits for. 70 % of the replies prepared at 128 ms
  // are used, at 200 it would be 82 %. The others cost no caller a place (`engine-queue.ts`).
  pauseMs: 120,
  finishMs: {
    // For a sound without melody: see the curve in docs/turns.md.
    open: 520,
    // "Yes." and "No, thank you." have no pauses inside, and a slow answer to them sounds deaf.
    yesNo: 400,
    // Telephone numbers come in groups, with 640-850 ms between them where they are read out.
    number: 900,
    // Spelled letter by letter, or looked up in the head: "Mac ... Donald".
    name: 900,
  },
  endpoint: ENDPOINT,
  // The shortest real answer among the recordings has 224 ms, a crumb of echo 64.
  minSpeechMs: 96,
  // "Yeah", "uh-huh", "okay", "right" have 350-520 ms of voice; "stop, stop" 670 and more.
  interruptMs: 600,
  interruption: INTERRUPTION,
  // Below this, "no ... wait" falls into two; above, the agent hesitates too long after a "mhm".
  ignoreMs: 400,
} as const satisfies TurnThresholds;
