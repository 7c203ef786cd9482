import type { CallReport } from '../simulators/twilio/call-report.ts';
import type { Caller } from '../simulators/twilio/caller.ts';
import type { PlaceCall, SimulatedTwilio } from '../simulators/twilio/simulated-twilio.ts';
import { heardGaps } from './heard-gaps.ts';
import { type LoopFigures, LoopWatch } from './loop-watch.ts';

export interface LoadOptions {
  twilio: SimulatedTwilio;
  address: Pick<PlaceCall, 'webhookUrl' | 'publicUrl'>;
  calls: number;
  /** From the first ring to when callers begin to hang up. */
  seconds: number;
  utterances: readonly Uint8Array[];
  /** All callers talk, and none has begun to hang up. */
  onAllTalk(): Promise<void>;
}

/** As the callers saw it, in ms. */
export interface LoadFigures {
  /** From a caller's last sample to the first sound after it: the answer, or a filler before it. */
  response: number[];
  /** From a caller's first sample over the agent to `clear`. */
  bargeInStop: number[];
  /** From the answered stream to the first byte of the greeting. */
  greeting: number[];
  /** Within the agent's sound: its buffer ran out before more of the same generation came. */
  gaps: number[];
  /** Of this process: a late load is not the server's fault. */
  loop: LoopFigures;
  failed: string[];
}

/** All calls ring within this time: phones do not ring in one moment. */
const RING_SPREAD_MS = 12_000;
/** Before callers hang up. */
const WEIGHING_MS = 2000;
const PATIENCE_MS = 20_000;
const AGENT_FINISHED_MS = 400;
/** How long a caller thinks before speaking again, from this much to this much. */
const THINKING_MS = { least: 500, most: 3500 };
/** Every third turn begins while the agent still speaks. */
const INTERRUPT_EVERY = 3;
const INTERRUPT_AFTER_MS = 1000;

/** Places the calls, each at its own pace, and gathers what they measured. */
export async function runLoad(options: LoadOptions): Promise<LoadFigures> {
  const figures: Heard = { response: [], bargeInStop: [], greeting: [], gaps: [], failed: [] };
  const loop = new LoopWatch();
  loop.start();
  const until = performance.now() + options.seconds * 1000;
  const running = Array.from({ length: options.calls }, async (_, index) => {
    await passed((RING_SPREAD_MS * index) / options.calls);
    const said: Said[] = [];
    const call = options.twilio.placeCall({
      ...options.address,
      maxMs: options.seconds * 1000 + 60_000,
      caller: (caller) => converse(caller, options.utterances, index, until, said),
    });
    gather(await call.ended, said, figures);
  });
  await passed(Math.max(RING_SPREAD_MS, options.seconds * 1000 - WEIGHING_MS));
  loop.stop();
  await options.onAllTalk();
  await Promise.all(running);
  return { ...figures, loop: loop.figures };
}

type Heard = Omit<LoadFigures, 'loop'>;

interface Said {
  firstSampleAt: number;
  lastSampleAt: number;
  interrupts: boolean;
}

async function converse(
  caller: Caller,
  utterances: readonly Uint8Array[],
  index: number,
  until: number,
  said: Said[],
): Promise<void> {
  await caller.agentSpeaking(PATIENCE_MS);
  await caller.agentSilent(AGENT_FINISHED_MS, PATIENCE_MS);
  for (let turn = index; performance.now() < until; turn++) {
    const interrupts = said.length > 0 && turn % INTERRUPT_EVERY === 0;
    if (!interrupts) {
      await caller.agentSilent(AGENT_FINISHED_MS, PATIENCE_MS);
      await caller.pause(thinkingMs(index, turn));
    }
    const utterance = utterances[turn % utterances.length]!;
    said.push({ ...(await caller.say(utterance)), interrupts });
    await caller.agentSpeaking(PATIENCE_MS);
    if ((turn + 1) % INTERRUPT_EVERY === 0) await caller.pause(INTERRUPT_AFTER_MS);
    else await caller.agentSilent(AGENT_FINISHED_MS, PATIENCE_MS);
  }
  await caller.hangUp();
}

function gather(report: CallReport, said: readonly Said[], figures: Heard): void {
  const { timeline } = report;
  const first = (type: string, after: number) =>
    timeline.find((entry) => entry.type === type && entry.atMs >= after)?.atMs;
  const started = first('started', 0);
  const greeting = first('media', 0);
  if (started !== undefined && greeting !== undefined) figures.greeting.push(greeting - started);
  figures.gaps.push(...heardGaps(timeline));
  for (const { firstSampleAt, lastSampleAt, interrupts } of said) {
    const answeredAt = first('media', lastSampleAt);
    if (answeredAt !== undefined) figures.response.push(answeredAt - lastSampleAt);
    const clearedAt = interrupts ? first('clear', firstSampleAt) : undefined;
    if (clearedAt !== undefined) figures.bargeInStop.push(clearedAt - firstSampleAt);
  }
  const problems = [...report.violations];
  if (report.scriptError) problems.push(String(report.scriptError));
  if (report.outcome !== 'completed') problems.push(report.outcome);
  if (problems.length > 0) figures.failed.push(problems.join('; '));
}

/** Spread evenly over callers and turns, and the same in every run. */
function thinkingMs(index: number, turn: number): number {
  const share = (index * 0.618 + turn * 0.414) % 1;
  return THINKING_MS.least + share * (THINKING_MS.most - THINKING_MS.least);
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
