import { ownShareMs } from '../call/own-share.ts';
import type { TurnTiming } from '../call/turn-clock.ts';
import { STAGES, stagesOf } from '../call/turn-stages.ts';
import type { LoadFigures } from './load.ts';
import type { ServerFigures } from './server-process.ts';
import type { Variant } from './variant.ts';

/** What was measured with so many calls, under one variant. */
export interface Point {
  variant: Variant;
  calls: number;
  load: LoadFigures;
  server: ServerFigures;
  /** Once all calls have ended. */
  after: ServerFigures;
  /** As engine and voice saw it. */
  asked: AskedFigures;
}

export interface AskedFigures {
  /** Of the engine, for callers and in the background; and those that were left before their end. */
  requests: number;
  aborted: number;
  /** Of the requests: those for which a connection had to be opened first. */
  coldRequests: number;
  /** Sockets that were opened to the voice. */
  voiceConnections: number;
}

/** Times in ms, by what they are. */
export function samplesOf({ load, server }: Point): [name: string, samples: number[]][] {
  const { turns } = server;
  const stages = turns.map(stagesOf);
  return [
    ['first sound, at the caller', load.response],
    ...STAGES.map((stage): [string, number[]] => [`  ${stage}`, stages.map((each) => each[stage])]),
    ['  queue, the caller waiting', turns.map(waitedMs)],
    ['  our own share', turns.flatMap((turn) => ownShareMs(turn) ?? [])],
    ['barge-in, voice to clear', load.bargeInStop],
    ['answer to greeting', load.greeting],
  ];
}

/** Of the time in line: after the decision that the turn was over. */
function waitedMs({ askedMs, startedMs, finishedMs }: TurnTiming): number {
  return Math.max(0, startedMs - Math.max(askedMs, finishedMs));
}
