/**
 * The server under load, in a process of its own: what it costs is not mixed with what the load
 * costs. Started by the benchmark, which it tells its figures and from which it takes its orders.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import pino from 'pino';
import type { TurnTiming } from '../call/turn-clock.ts';
import { loadConfig } from '../config.ts';
import { type InUse, startOrchestrator } from '../orchestrator.ts';
import { loadProfile } from '../restaurant/profile-file.ts';

export type Order = { order: 'measure' } | { order: 'report' } | { order: 'close' };

export type Answer =
  | { answer: 'listening'; url: string }
  | { answer: 'report'; figures: ServerFigures }
  | { answer: 'measuring' };

/** What the server saw since it was told to measure. */
export interface ServerFigures {
  turns: TurnTiming[];
  outcomes: Record<string, number>;
  loopDelayMs: { p50: number; p99: number; max: number };
  /** Of one core. */
  cpuShare: number;
  rssMb: number;
  heapMb: number;
  inUse: InUse;
  /** Timers and sockets that keep the process up, by kind. */
  resources: Record<string, number>;
}

/** A finer resolution would itself load the loop; what it adds to each value is subtracted. */
const RESOLUTION_MS = 10;

let turns: TurnTiming[] = [];
let outcomes: Record<string, number> = {};
let measuredSince = performance.now();
let cpuBefore = process.cpuUsage();
const loopDelay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
loopDelay.enable();

const orchestrator = await startOrchestrator(loadConfig(process.env), {
  profile: loadProfile({ env: process.env }),
  log: pino({ level: process.env.LOG_LEVEL ?? 'warn' }, pino.destination(2)),
  observer: {
    onTurn: (_call, timing) => turns.push(timing),
    onEnded: (_call, { outcome }) => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    },
  },
});
await orchestrator.engine.ready(20_000);

process.on('message', (message: Order) => void obey(message));
process.on('disconnect', () => process.exit(1));
answer({ answer: 'listening', url: orchestrator.url });

async function obey({ order }: Order): Promise<void> {
  if (order === 'measure') {
    turns = [];
    outcomes = {};
    loopDelay.reset();
    measuredSince = performance.now();
    cpuBefore = process.cpuUsage();
    answer({ answer: 'measuring' });
  } else if (order === 'report') {
    answer({ answer: 'report', figures: figures() });
  } else {
    await orchestrator.close(0);
    process.disconnect();
    process.exit(0);
  }
}

function figures(): ServerFigures {
  const { user, system } = process.cpuUsage(cpuBefore);
  const wallMs = performance.now() - measuredSince;
  const delayMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const loopDelayMs = {
    p50: delayMs(loopDelay.percentile(50)),
    p99: delayMs(loopDelay.percentile(99)),
    max: delayMs(loopDelay.max),
  };
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return {
    turns,
    outcomes,
    loopDelayMs,
    cpuShare: (user + system) / 1000 / wallMs,
    rssMb: rss / 2 ** 20,
    heapMb: heapUsed / 2 ** 20,
    inUse: orchestrator.inUse,
    resources,
  };
}

function answer(message: Answer): void {
  process.send?.(message);
}
