/**
 * Every number that decides about a turn, with its unit and its reason. What each of them costs and
 * buys on real recordings is measured in `docs/turns.md`. Silero judges windows of 32 ms, so every
 * time below is in effect rounded up to the next window.
 */
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
  /** Silence before `finished`, by what was asked. */
  finishMs: Record<Expectation, number>;
  /** More silence is waited for after an utterance shorter than `speechMs`. */
  brief: { speechMs: number; extraMs: Record<Expectation, number> };
  /** More silence is waited for when the caller came back from a pause with less than `runMs`. */
  hesitation: { runMs: number; extraMs: Record<Expectation, number> };
  /** A segment with less voiced time than this is `ignored`. */
  minSpeechMs: number;
  /** Voiced time that makes a sound over the agent an interruption. */
  interruptMs: number;
  /** Silence that ends a segment which is no turn: a click, or a "mhm" over the agent. */
  ignoreMs: number;
}

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
  // 82 % of the replies prepared at 200 ms are used; at 128 ms it would be 70 %, and the rest is
  // work for the engine that other callers wait for.
  pauseMs: 200,
  finishMs: {
    // The compromise between cutting in and dead air: see the curve in docs/turns.md.
    open: 520,
    // "Yes." and "No, thank you." have no pauses inside, and a slow answer to them sounds deaf.
    yesNo: 400,
    // Telephone numbers come in groups, with 640-850 ms between them where they are read out.
    number: 900,
    // Spelled letter by letter, or looked up in the head: "Mac ... Donald".
    name: 900,
  },
  // "I ...", "um": a sound below 300 ms that answers an open question is seldom the whole answer.
  brief: { speechMs: 300, extraMs: { open: 180, yesNo: 0, number: 0, name: 0 } },
  // "A table for ... uh ...": who paused once and then said only a little will pause again.
  hesitation: { runMs: 300, extraMs: { open: 180, yesNo: 100, number: 0, name: 0 } },
  // The shortest real answer among the recordings has 224 ms, a crumb of echo 64.
  minSpeechMs: 96,
  // "Yeah", "uh-huh", "okay", "right" have 350-520 ms of voice; "stop, stop" 670 and more. A drawn-out
  // "mhm" of 700 ms passes for an interruption.
  interruptMs: 600,
  // Below this, "no ... wait" falls into two; above, the agent hesitates too long after a "mhm".
  ignoreMs: 400,
} as const satisfies TurnThresholds;
