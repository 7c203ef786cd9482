/**
 * What one seed is made of. Every seed draws its own mixture: many faults never happen in it, others
 * often, so that combinations come about which fixed rates would never show.
 */
import type { Random } from './random.ts';

/** How a peer returns marks: as Twilio does; at once; never; late. */
export type MarkMood = 'honest' | 'instant' | 'never' | 'late';

/** Probabilities of what may go wrong, each asked for where it can. */
export interface FaultRates {
  engineRefused: number;
  engineHttp: number;
  engineHangsBefore: number;
  engineHangsAfter: number;
  engineGarbage: number;
  engineCutShort: number;
  engineInStream: number;
  engineSlow: number;
  /** The model writes what is no answer: nothing, data, a tool in its text, too long. */
  modelNonsense: number;
  voiceRefused: number;
  voiceLimited: number;
  voiceDrops: number;
  voiceStalls: number;
  voiceLate: number;
  voiceGarbage: number;
  secondVoiceFails: number;
  lineGap: number;
  lineReset: number;
  lineGoesSilent: number;
  lineBadMessage: number;
  webhookTwice: number;
  webhookLate: number;
  databaseSlow: number;
  databaseDown: number;
  databaseHangs: number;
  commitUnknown: number;
  diskFull: number;
  voiceActivityDies: number;
}

export interface Swarm {
  calls: number;
  /** Time within which they arrive. */
  arrivalsMs: number;
  /** Twilio's are of 20 ms; longer ones are the same to the program, and cost less here. */
  frameMs: number;
  /** How long voice activity takes over a frame. */
  activityMs: number;
  latencyMs: number;
  jitterMs: number;
  markMood: MarkMood;
  wordMs: number;
  firstTokenMs: number;
  tokenMs: number;
  firstSoundMs: number;
  toolShare: number;
  databaseMs: number;
  limits: { callMs: number; idleMs: number; turns: number; inactivityMs: number };
  concurrency: number;
  wholeReply: boolean;
  maxStreams: number;
  maxQueue: number;
  maxCalls: number;
  /** No call is refused for the load, so that the line may become as long as it can. */
  admitsAll: boolean;
  maxContexts: number;
  languages: number;
  /** Whether there is a person to whom calls can be given. */
  hasStaff: boolean;
  rates: FaultRates;
  /** The engine goes and comes back: how often. */
  engineRestarts: number;
  clockJumps: number;
  /** The program is told to go, or dies, so many times. */
  drains: number;
  kills: number;
  /** Shares of what callers do. */
  caller: { interrupt: number; murmur: number; hangUp: number; silent: number; digits: number };
  /** The most turns that a caller takes. */
  patience: number;
}

export function drawSwarm(random: Random): Swarm {
  const swarm = { ...drawMixture(random), admitsAll: true };
  if (random.chance(0.04)) return { ...swarm, ...RUSH };
  return { ...swarm, admitsAll: random.chance(0.5) };
}

function drawMixture(random: Random): Omit<Swarm, 'admitsAll'> {
  const rate = (highest: number) => (random.chance(0.55) ? 0 : highest * random.unit() ** 2);
  const calm = random.chance(0.1);
  const fault = (highest: number) => (calm ? 0 : rate(highest));
  return {
    calls: random.skewed(1, 10),
    arrivalsMs: random.pick([2000, 10_000, 30_000]),
    frameMs: random.pick([20, 100, 160, 200, 240, 320, 320]),
    activityMs: random.pick([0, 0, 4, 12]),
    latencyMs: random.pick([5, 20, 40, 80]),
    jitterMs: random.pick([0, 0, 10, 40]),
    markMood: calm
      ? 'honest'
      : random.pick(['honest', 'honest', 'honest', 'late', 'instant', 'never']),
    wordMs: random.pick([160, 240, 320]),
    firstTokenMs: random.pick([40, 150, 300, 700]),
    tokenMs: random.pick([5, 15, 40]),
    firstSoundMs: random.pick([30, 90, 200, 400]),
    toolShare: random.pick([0, 0.2, 0.5, 0.8]),
    databaseMs: random.pick([0, 1, 5, 20]),
    limits: {
      callMs: random.pick([15_000, 40_000, 60_000, 120_000]),
      idleMs: random.pick([3000, 5000, 8000]),
      turns: random.pick([2, 5, 12, 50]),
      inactivityMs: random.pick([15_000, 30_000, 120_000]),
    },
    concurrency: random.pick([1, 1, 1, 2]),
    wholeReply: random.chance(0.2),
    maxStreams: random.pick([1, 2, 4, 32]),
    maxQueue: random.pick([2, 6, 128]),
    maxCalls: random.pick([2, 6, 50]),
    maxContexts: random.pick([1, 2, 5, 15]),
    languages: random.chance(0.2) ? 2 : 1,
    hasStaff: random.chance(0.75),
    rates: drawRates(fault),
    engineRestarts: calm || random.chance(0.8) ? 0 : random.integer(1, 2),
    clockJumps: random.chance(0.7) ? 0 : random.integer(1, 3),
    drains: calm || random.chance(0.9) ? 0 : 1,
    kills: calm || random.chance(0.85) ? 0 : random.integer(1, 2),
    caller: {
      interrupt: rate(0.6),
      murmur: rate(0.5),
      hangUp: rate(0.25),
      silent: rate(0.4),
      digits: rate(0.3),
    },
    patience: random.pick([4, 8, 8, 40]),
  };
}

/** Everybody calls at once, and the engine takes its time over each: few are served at their turn. */
const RUSH: Partial<Swarm> = {
  calls: 14,
  arrivalsMs: 2000,
  maxCalls: 50,
  maxQueue: 128,
  concurrency: 1,
  firstTokenMs: 2800,
};

function drawRates(fault: (highest: number) => number): FaultRates {
  return {
    engineRefused: fault(0.3),
    engineHttp: fault(0.3),
    engineHangsBefore: fault(0.3),
    engineHangsAfter: fault(0.3),
    engineGarbage: fault(0.3),
    engineCutShort: fault(0.3),
    engineInStream: fault(0.3),
    engineSlow: fault(0.5),
    modelNonsense: fault(0.4),
    voiceRefused: fault(0.5),
    voiceLimited: fault(0.4),
    voiceDrops: fault(0.1),
    voiceStalls: fault(0.3),
    voiceLate: fault(1),
    voiceGarbage: fault(0.1),
    secondVoiceFails: fault(0.4),
    lineGap: fault(0.05),
    lineReset: fault(0.02),
    lineGoesSilent: fault(0.01),
    lineBadMessage: fault(0.05),
    webhookTwice: fault(0.5),
    webhookLate: fault(0.5),
    databaseSlow: fault(0.6),
    databaseDown: fault(1),
    databaseHangs: fault(0.02),
    commitUnknown: fault(0.3),
    diskFull: fault(1),
    voiceActivityDies: fault(0.002),
  };
}

/** All of it, and nothing goes wrong any more. */
export function withoutFaults(rates: FaultRates): FaultRates {
  return Object.fromEntries(Object.keys(rates).map((name) => [name, 0])) as unknown as FaultRates;
}
