/** What is broken under a single call, and how it becomes whole again. */
import type { SeededRandom } from '../../src/simulators/twilio/seeded-random.ts';
import type { BreakableLine } from './breakable-line.ts';
import type { CallStore } from './call-store.ts';
import { pauseAndWake } from './paused-owner.ts';
import type { ServerPlace } from './server-place.ts';

export interface Broken {
  line: BreakableLine;
  /** Where the call is. */
  holder: ServerPlace;
  random: SeededRandom;
  store: CallStore;
  callSid: string;
  /** To be filled with what must not happen, and did. */
  faults: string[];
}

export interface CallScenario {
  name: string;
  title: string;
  replicas: 1 | 2;
  /** Runs in full. */
  times: number;
  /** What a caller may hear nothing for, at the 95th percentile; undefined: no promise is made. */
  silenceP95Ms?: number;
  /** Every call must go on; otherwise it may also end, with its record. */
  goesOn: boolean;
  /** Resolves when all is as before. */
  breakIt(broken: Broken): Promise<void>;
}

export const CALL_SCENARIOS: readonly CallScenario[] = [
  {
    name: 'kill',
    title: 'kill -9, two replicas',
    replicas: 2,
    times: 100,
    silenceP95Ms: 3000,
    goesOn: true,
    breakIt: ({ holder }) => holder.killAndReplace(),
  },
  {
    name: 'single',
    title: 'kill -9, one server',
    replicas: 1,
    times: 100,
    silenceP95Ms: 5000,
    goesOn: true,
    breakIt: ({ holder }) => holder.killAndReplace(),
  },
  {
    name: 'cut',
    title: 'socket cut',
    replicas: 2,
    times: 50,
    goesOn: false,
    breakIt: async ({ line }) => line.cut(),
  },
  {
    name: 'halfOpen',
    title: 'half-open socket',
    replicas: 2,
    times: 50,
    goesOn: false,
    breakIt: async ({ line }) => line.freeze(),
  },
  {
    name: 'stall',
    title: 'stalled reader',
    replicas: 2,
    times: 50,
    goesOn: false,
    breakIt: async ({ line, random }) => line.stall(random.between(STALL_MS.least, STALL_MS.most)),
  },
  {
    name: 'paused',
    title: 'two owners',
    replicas: 2,
    times: 100,
    goesOn: true,
    breakIt: pauseAndWake,
  },
];

const STALL_MS = { least: 2000, most: 15_000 };
