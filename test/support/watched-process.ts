/**
 * The server with many scripted calls, in a process of its own, so that what looking at them costs it
 * can be told from what the browser costs. Its orders come from `bench-visualiser.ts`.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ScriptedCalls } from './scripted-calls.ts';
import { SteeredProcess, startSteeredServer } from './steered-server.ts';

export type WatchedOrder = 'measure' | 'report';
export type WatchedAnswer =
  | { url: string }
  | { cpuMs: number; wallMs: number; loopP99Ms: number; events: number; live: number };

const RESOLUTION_MS = 10;

const rest = new SteeredProcess();
const server = await startSteeredServer(rest);
const calls = new ScriptedCalls(rest.feed, Number(process.argv[2] ?? 200));
const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
loop.enable();
let since = { cpu: process.cpuUsage(), at: performance.now(), events: 0 };

process.on('message', (order: WatchedOrder) => {
  if (order === 'measure') {
    loop.reset();
    since = { cpu: process.cpuUsage(), at: performance.now(), events: calls.events };
    return;
  }
  const { user, system } = process.cpuUsage(since.cpu);
  answer({
    cpuMs: (user + system) / 1000,
    wallMs: performance.now() - since.at,
    loopP99Ms: Math.max(0, loop.percentile(99) / 1e6 - RESOLUTION_MS),
    events: calls.events - since.events,
    live: calls.live,
  });
});
// The benchmark is gone: so is this.
process.on('disconnect', () => process.exit());
answer({ url: server.url });

function answer(told: WatchedAnswer): void {
  process.send?.(told);
}
