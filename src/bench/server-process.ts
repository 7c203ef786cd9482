/**
 * The server under load, in a process of its own: what it costs is not mixed with what the load
 * costs. Started by the benchmark, which it tells its figures and from which it takes its orders.
 */
import pino from 'pino';
import { CallFigures } from '../call/call-figures.ts';
import type { CallRecord } from '../call/call-record.ts';
import type { TurnTiming } from '../call/turn-clock.ts';
import { loadConfig } from '../config.ts';
import { type InUse, startOrchestrator } from '../orchestrator.ts';
import { loadProfile } from '../restaurant/profile-file.ts';
import type { Playout } from '../twilio/playout-log.ts';
import { type LoopFigures, LoopWatch } from './loop-watch.ts';
import { type Memory, perCall, weigh } from './memory.ts';
import { type SoundFigures, soundFigures } from './sound-figures.ts';

export type Order =
  | { order: 'measure' }
  | { order: 'weigh' }
  | { order: 'report' }
  | { order: 'close' };

export type Answer =
  | { answer: 'listening'; url: string }
  | { answer: 'report'; figures: ServerFigures }
  | { answer: 'measuring' }
  | { answer: 'weighed' };

/** What the server saw since it was told to measure. */
export interface ServerFigures {
  turns: TurnTiming[];
  outcomes: Record<string, number>;
  /** Answers that were prepared at a pause. */
  speculation: CallRecord['speculation'];
  /** Undefined: it has not been told to weigh. */
  capacity: CapacityFigures | undefined;
  rssMb: number;
  heapMb: number;
  inUse: InUse;
  /** Timers and sockets that keep the process up, by kind. */
  resources: Record<string, number>;
}

/** What the calls cost, from `measure` to `weigh`. */
export interface CapacityFigures {
  loop: LoopFigures;
  sound: SoundFigures;
  /** Of one core, all threads. */
  cpuShare: number;
  /** CPU time for each second of a call; 10 is a hundredth of a core. */
  cpuMsPerCallSecond: number;
  /** While so many calls were live. */
  calls: number;
  perCall: Memory;
}

let turns: TurnTiming[] = [];
let outcomes: Record<string, number> = {};
/** Of all calls together. */
let totals = new CallFigures();
let playouts: Pick<Playout, 'sent'>[] = [];
let capacity: CapacityFigures | undefined;
let measuredSince = performance.now();
let cpuBefore = process.cpuUsage();
let callMs = 0;
const loop = new LoopWatch((passedMs) => {
  callMs += orchestrator.calls.active * passedMs;
});

const orchestrator = await startOrchestrator(loadConfig(process.env), {
  profile: loadProfile({ env: process.env }),
  log: pino({ level: process.env.LOG_LEVEL ?? 'warn' }, pino.destination(2)),
  observer: {
    onTurn: (_call, timing) => turns.push(timing),
    onSpeculation: (_call, note) => totals.noteSpeculation(note),
    onPlayout: (_call, playout) => playouts.push({ sent: playout.sent }),
    onEnded: (_call, { outcome }) => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    },
  },
});
await orchestrator.engine.ready(20_000);
let empty = weigh();

process.on('message', (message: Order) => void obey(message));
process.on('disconnect', () => process.exit(1));
answer({ answer: 'listening', url: orchestrator.url });

async function obey({ order }: Order): Promise<void> {
  if (order === 'measure') {
    turns = [];
    outcomes = {};
    totals = new CallFigures();
    playouts = [];
    capacity = undefined;
    empty = weigh();
    callMs = 0;
    measuredSince = performance.now();
    cpuBefore = process.cpuUsage();
    loop.start();
    answer({ answer: 'measuring' });
  } else if (order === 'weigh') {
    capacity = capacityFigures();
    answer({ answer: 'weighed' });
  } else if (order === 'report') {
    answer({ answer: 'report', figures: figures() });
  } else {
    await orchestrator.close(0);
    process.disconnect();
    process.exit(0);
  }
}

/** The collection that weighing needs would be the longest delay of all: what is measured ends before it. */
function capacityFigures(): CapacityFigures {
  loop.stop();
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuMs = (user + system) / 1000;
  const calls = orchestrator.calls.active;
  const sound = soundFigures(playouts);
  // Ours, and not the calls'.
  playouts = [];
  return {
    loop: loop.figures,
    sound,
    cpuShare: cpuMs / (performance.now() - measuredSince),
    cpuMsPerCallSecond: cpuMs / (callMs / 1000),
    calls,
    perCall: perCall(empty, weigh(), calls),
  };
}

function figures(): ServerFigures {
  const { rssKb, heapKb } = weigh();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return {
    turns,
    outcomes,
    speculation: totals.speculation,
    capacity,
    rssMb: rssKb / 1024,
    heapMb: heapKb / 1024,
    inUse: orchestrator.inUse,
    resources,
  };
}

function answer(message: Answer): void {
  process.send?.(message);
}
