/** One call through the whole dialogue, which is broken at one point of it. */
import type { CallReport } from '../../src/simulators/twilio/call-report.ts';
import { SeededRandom } from '../../src/simulators/twilio/seeded-random.ts';
import type { Recording } from '../../src/simulators/ultravox/simulated-ultravox.ts';
import type { Cell } from './cell.ts';
import { ChaosCaller } from './chaos-caller.ts';
import type { Line } from './dialogue.ts';
import { type BreakPlan, drawBreak, type Moment } from './moment.ts';

export interface BrokenCall {
  report: CallReport;
  caller: ChaosCaller;
  plan: BreakPlan | undefined;
  /** Positions in the call's sound; empty when the call ended before its break. */
  breaks: number[];
}

export interface BrokenCallOptions {
  seed: number;
  recordings: ReadonlyMap<string, Recording>;
  /** Where Twilio dials. */
  lineUrl: string;
  /** Resolves when what was broken is whole again. */
  breakIt(random: SeededRandom, callSid: string): Promise<void>;
}

/** For how long after the break nothing can be booked, where a tool was to be at work. */
const STILL_LOCKED_MS = 300;
const LOCK_LIMIT_MS = 4000;

export async function runBrokenCall(cell: Cell, options: BrokenCallOptions): Promise<BrokenCall> {
  const random = new SeededRandom(options.seed);
  const plan = drawBreak(random);
  const breaks: number[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let whole: Promise<void> | undefined;
  const lock = new BookingLock(cell);
  const strike = () => {
    breaks.push(caller.heard.trackMs);
    whole = options.breakIt(random, call.callSid);
    lock.release(STILL_LOCKED_MS);
  };
  const reach = (moment: Moment, line: Line) => {
    const isTool = plan.moment === 'tool' && line.id === plan.line;
    if (isTool && moment === 'hearing') lock.take();
    if (timer || moment !== plan.moment || line.id !== plan.line) return;
    timer = setTimeout(strike, plan.afterMs);
  };
  const { recordings, lineUrl } = options;
  const caller = new ChaosCaller({ recordings, random, onMoment: reach });
  cell.onTool = (line) => reach('tool', line);
  const call = cell.placeCall(
    { caller: (each) => caller.talk(each), onHeard: (mulaw) => caller.hear(mulaw) },
    lineUrl,
  );
  const report = await call.ended;
  clearTimeout(timer);
  await whole;
  await lock.released();
  return { report, caller, plan, breaks };
}

/** Keeps the tool of a line at work: nobody can book while it is held. */
class BookingLock {
  readonly #cell: Cell;
  #taking: Promise<() => Promise<void>> | undefined;
  #releasing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(cell: Cell) {
    this.#cell = cell;
  }

  take(): void {
    this.#taking ??= this.#cell.store.lockBookings();
    this.release(LOCK_LIMIT_MS);
  }

  release(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.released(), afterMs);
  }

  async released(): Promise<void> {
    clearTimeout(this.#timer);
    this.#releasing ??= this.#taking?.then((unlock) => unlock());
    await this.#releasing;
  }
}
