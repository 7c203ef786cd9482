/**
 * How long the callers heard nothing because of a break, in the sound that was played to them.
 *
 * It begins with the break; where the agent was speaking then, with the last of its sound, which Twilio
 * plays on for as long as it has some. It ends with the agent's first sound of the next stream. So what
 * the agent would have been silent anyway counts when it comes after the break (the rest of a pause, of a
 * thought), and does not when it came before.
 */
import type { CallReport } from '../../src/simulators/twilio/call-report.ts';
import { FRAME_MS } from '../../src/simulators/twilio/frame-clock.ts';
import { soundingFrames } from '../support/heard-silence.ts';

export interface Silence {
  ms: number;
  /** From the last sound of either side: what it felt like. */
  sinceAnySoundMs: number;
}

/** Within so long after a sound the agent is still speaking: between its words there is silence. */
const BETWEEN_WORDS_MS = 400;

/**
 * @param brokenMs position of the break in the call's sound
 * @returns undefined when no stream came after it, or nothing was heard on it
 */
export function silenceAfterBreak(report: CallReport, brokenMs: number): Silence | undefined {
  const nextMs = report.timeline.find(
    ({ type, trackMs = 0 }) => type === 'started' && trackMs > brokenMs,
  )?.trackMs;
  if (nextMs === undefined) return undefined;
  const agentMs = endsOf(report.agentTrack);
  const back = agentMs.find((ms) => ms > nextMs);
  if (back === undefined) return undefined;
  const toMs = back - FRAME_MS;
  const lastOfAgent = agentMs.findLast((ms) => ms <= nextMs) ?? 0;
  const isCutOff = lastOfAgent >= brokenMs - BETWEEN_WORDS_MS;
  const lastOfCaller = endsOf(report.callerTrack).findLast((ms) => ms <= toMs) ?? 0;
  return {
    ms: toMs - (isCutOff ? lastOfAgent : brokenMs),
    sinceAnySoundMs: toMs - Math.max(lastOfAgent, lastOfCaller),
  };
}

/** Of the frames that sound, where they end. */
function endsOf(track: Uint8Array): number[] {
  return soundingFrames(track).map((frame) => (frame + 1) * FRAME_MS);
}

/** Where streams broke off of themselves, in the call's sound, and another one followed. */
export function handoversOf({ timeline }: CallReport): number[] {
  const lastStart = timeline.findLast(({ type }) => type === 'started')?.trackMs ?? 0;
  return timeline
    .filter(({ type, name }) => type === 'stopped' && name !== 'stopped' && name !== 'failed')
    .map(({ trackMs = 0 }) => trackMs)
    .filter((trackMs) => trackMs <= lastStart);
}
