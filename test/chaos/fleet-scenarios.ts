/** Servers go while many calls are up: none of them may notice more than a line. */
import { type Cell, startCell } from './cell.ts';
import { type LoadCall, placeLoadCall } from './load.ts';
import type { ServerPlace } from './server-place.ts';
import { leftIn, type Verdict, verdictOf } from './verdict.ts';
import type { World } from './world.ts';

export interface FleetScenario {
  name: string;
  title: string;
  /** Of `rolling` the deploys, of the others the calls. */
  times: number;
  run(world: World, options: FleetRun): Promise<void>;
}

export interface FleetRun {
  times: number;
  onVerdict(verdict: Verdict): void;
  /** What the servers did that they must not. */
  onFault(fault: string): void;
}

export const FLEET_SCENARIOS: readonly FleetScenario[] = [
  { name: 'calm', title: 'nothing broken', times: 10, run: calmCalls },
  { name: 'drain', title: 'SIGTERM, live calls', times: 20, run: drainUnderCalls },
  { name: 'rolling', title: 'rolling deploys', times: 20, run: rollingDeploys },
];

const GRACE_SECONDS = 6;
/** Until a server has gone: its grace, and what it has to write after that. */
const GONE_MS = (GRACE_SECONDS + 30) * 1000;
const APART_MS = 200;
const LOAD_CALLS = 10;
/** As a preStop hook does it: out of the rotation first, then SIGTERM. */
const PRE_STOP_MS = 200;
const UNREADY_MS = 100;

/** What the other scenarios are held against: nothing happens, and nothing may be found. */
async function calmCalls(world: World, { times, onVerdict, onFault }: FleetRun) {
  const cell = await startCell({ ...world, replicas: 2 });
  try {
    const calls = await placeCalls(cell, world, times);
    for (const { ended } of calls) onVerdict(await verdictOf(cell, await ended, false));
    for (const fault of await leftIn(cell)) onFault(fault);
  } finally {
    await cell.close();
  }
}

/** All calls are at one server, which is told to go; another one is there. */
async function drainUnderCalls(world: World, { times, onVerdict, onFault }: FleetRun) {
  const cell = await startCell({ ...world, replicas: 2, graceSeconds: GRACE_SECONDS });
  const [going, other] = cell.servers as [ServerPlace, ServerPlace];
  try {
    other.leaveRotation();
    const calls = await placeCalls(cell, world, times);
    other.joinRotation();
    going.leaveRotation();
    await Promise.all([deploy(going, onFault), watchReadiness(going, onFault)]);
    for (const { ended } of calls) onVerdict(await verdictOf(cell, await ended, false));
    for (const fault of await leftIn(cell)) onFault(fault);
  } finally {
    await cell.close();
  }
}

/** One server after the other, again and again; ten callers call, and call again. */
async function rollingDeploys(world: World, { times, onVerdict, onFault }: FleetRun) {
  const cell = await startCell({ ...world, replicas: 2, graceSeconds: GRACE_SECONDS });
  let isOver = false;
  let placed = 0;
  const callers = Array.from({ length: LOAD_CALLS }, async (_, index) => {
    await passed(index * APART_MS * 5);
    while (!isOver) {
      const { ended } = placeLoadCall(cell, world, placed++);
      onVerdict(await verdictOf(cell, await ended, false));
    }
  });
  try {
    for (let done = 0; done < times; done += 1) await deployAll(cell, onFault);
    isOver = true;
    await Promise.all(callers);
    for (const fault of await leftIn(cell)) onFault(fault);
  } finally {
    isOver = true;
    await Promise.allSettled(callers);
    await cell.close();
  }
}

/** One after the other, all to be up at once. */
async function placeCalls(cell: Cell, world: World, times: number): Promise<LoadCall[]> {
  const calls: LoadCall[] = [];
  for (let index = 0; index < times; index += 1) {
    calls.push(placeLoadCall(cell, world, index));
    await passed(APART_MS);
  }
  return calls;
}

async function deployAll(cell: Cell, onFault: FleetRun['onFault']): Promise<void> {
  for (const server of cell.servers) {
    server.leaveRotation();
    await passed(PRE_STOP_MS);
    await deploy(server, onFault);
  }
}

async function deploy(server: ServerPlace, onFault: FleetRun['onFault']): Promise<void> {
  const code = await server.drain(GONE_MS);
  if (code !== 0) onFault(`a server that was told to go ended with ${code}`);
  await server.startAgain();
}

/** From SIGTERM on: who asks is told within 100 ms that it takes no calls. */
async function watchReadiness(server: ServerPlace, onFault: FleetRun['onFault']): Promise<void> {
  const startMs = performance.now();
  await passed(UNREADY_MS);
  if (await server.isReady()) {
    onFault(`it was still ready ${Math.round(performance.now() - startMs)} ms after SIGTERM`);
  }
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
