import type { CallContext } from '../../machines/call-protocol.ts';
import type { TurnRow } from '../journal/schema.ts';
import { EarsReplay } from './ears-replay.ts';
import { isTimer, type Journal, type JournalRow } from './journal.ts';
import type { MachineTimer } from './machine-clock.ts';
import { type MachineOutput, MachineRun } from './machine-run.ts';

/** The machine after one event of the journal. */
export interface ReplayStep {
  seq: number;
  /** ms since the machine of this life of the call began */
  ms: number;
  event: string;
  path: string;
  context: CallContext;
}

/** Where the records and the machine as it is now part for the first time. */
export interface Difference {
  /**
   * `state`: another state, or none. `timing`: a timer at another moment, or none. `words`: the agent
   * is told something else. `ears`: the ears are. `turn`: the ears tell something else. `outcome`.
   */
  what: 'state' | 'timing' | 'words' | 'ears' | 'turn' | 'outcome';
  seq: number;
  /** ms since the machine began */
  ms: number;
  /** In the records. */
  expected: string;
  /** In the replay. */
  got: string;
  /** What the agent said there; null: not known. */
  said: string | null;
}

export interface ReplayOptions {
  turns?: readonly Pick<TurnRow, 'at' | 'speaker' | 'text'>[];
  /** As the call itself told it; null: it did not. */
  outcome?: string | null;
}

export interface Replay {
  steps: readonly ReplayStep[];
  difference?: Difference;
}

/** Between a timer's moment and its row: timers of a busy process fire some ms late. */
export const TOLERANCE_MS = 50;

/**
 * Runs the machine as it is now through a recorded call: events at their recorded moments, timers by
 * themselves, in the order in which the journal has both. Ends at the first difference.
 */
export function replay(journal: Journal, options: ReplayOptions = {}): Replay {
  const comparison = new Comparison(journal);
  let found: Found | undefined;
  for (const row of journal.rows) {
    found = comparison.push(row);
    if (found) break;
  }
  found ??= comparison.end(options.outcome ?? null);
  const { steps } = comparison;
  if (!found) return { steps };
  return { steps, difference: { ...found, said: saidAt(journal.startedAt + found.ms, options) } };
}

/** One life of the call after the other, up to the first difference. */
export function replayLives(lives: readonly Journal[], options: ReplayOptions = {}): Replay {
  const steps: ReplayStep[] = [];
  for (const [at, life] of lives.entries()) {
    // Only the last one has told an outcome.
    const outcome = at === lives.length - 1 ? options.outcome : null;
    const replayed = replay(life, { ...options, outcome });
    steps.push(...replayed.steps);
    if (replayed.difference) return { steps, difference: replayed.difference };
  }
  return { steps };
}

type Found = Omit<Difference, 'said'>;

interface Owed {
  output: MachineOutput;
  seq: number;
  ms: number;
}

class Comparison {
  readonly steps: ReplayStep[] = [];
  readonly #run: MachineRun;
  /** Undefined: the call was recorded without its voice activity. */
  readonly #ears: EarsReplay | undefined;
  /** What the machine has put out and the rows have not told of yet. */
  readonly #owed: Owed[] = [];
  #last = { seq: 0, ms: 0 };

  constructor(journal: Journal) {
    this.#run = new MachineRun(journal.input);
    if (journal.rows.some(({ kind }) => kind === 'windows')) this.#ears = new EarsReplay();
  }

  push(row: JournalRow): Found | undefined {
    this.#last = { seq: row.seq, ms: row.ms };
    const turn = this.#ears?.push(row);
    if (turn) return { what: 'turn', ...turn };
    if (row.kind === 'event') return this.#take(row);
    if (row.kind === 'output') return this.#compare(row);
    return undefined;
  }

  end(outcome: string | null): Found | undefined {
    const { output } = this.#run;
    // What came last may not have been written down of a call that broke off.
    if (outcome === null) return undefined;
    const missing = this.#unpaid(Infinity) ?? this.#untold();
    if (missing || !output) return missing;
    if (output.outcome === outcome) return undefined;
    return { what: 'outcome', ...this.#last, expected: outcome, got: output.outcome };
  }

  #take(row: JournalRow & { kind: 'event' }): Found | undefined {
    const late = this.#unpaid(row.ms - TOLERANCE_MS) ?? this.#overdue(row);
    if (late) return late;
    const { type } = row.event;
    const timer = isTimer(type) ? this.#timer(type, row.ms) : undefined;
    if (isTimer(type) && !timer) return this.#wrongTimer(row, type);
    const outputs = timer ? this.#run.fire(timer, row.ms) : this.#run.send(row.event, row.ms);
    const { seq, ms } = row;
    for (const output of outputs) this.#owed.push({ output, seq, ms });
    const { path, context } = this.#run;
    this.steps.push({ seq, ms, event: type, path, context });
    return undefined;
  }

  /**
   * Rows lie in the order in which things happened, but for an event that one actor sends while
   * another is still being told: what the machine then puts out comes after that event.
   */
  #compare({ seq, ms, output }: JournalRow & { kind: 'output' }): Found | undefined {
    const [owed] = this.#owed;
    if (owed?.output.type === output.type && owed.output.what === output.what) {
      this.#owed.shift();
      return undefined;
    }
    // The state in which it begins.
    if (!owed && this.steps.length === 0 && output.what === this.#run.path) return undefined;
    const got = owed ? nameOf(owed.output) : `nothing more in ${this.#run.path}`;
    return { what: whatOf(output), seq, ms, expected: nameOf(output), got };
  }

  /** Put out before that moment, with no row to tell of it. */
  #unpaid(beforeMs: number): Found | undefined {
    const [owed] = this.#owed;
    if (!owed || owed.ms >= beforeMs) return undefined;
    const { seq, ms, output } = owed;
    return { what: whatOf(output), seq, ms, expected: 'nothing more', got: nameOf(output) };
  }

  #untold(): Found | undefined {
    const missing = this.#ears?.missing;
    return missing && { what: 'turn', ...missing };
  }

  /** A timer that must have fired by now, had it run when the call was recorded. */
  #overdue({ seq, ms }: { seq: number; ms: number }): Found | undefined {
    const [timer] = this.#run.timers;
    if (!timer || timer.dueMs + TOLERANCE_MS >= ms) return undefined;
    const got = `${timer.type} at ${Math.round(timer.dueMs)} ms`;
    return { what: 'timing', seq, ms: timer.dueMs, expected: 'no timer', got };
  }

  #timer(type: string, ms: number): MachineTimer | undefined {
    return this.#run.timers.find(
      (timer) => timer.type === type && Math.abs(timer.dueMs - ms) <= TOLERANCE_MS,
    );
  }

  #wrongTimer({ seq, ms }: { seq: number; ms: number }, type: string): Found {
    const due = this.#run.timers.find((timer) => timer.type === type);
    const got = due
      ? `${type} at ${Math.round(due.dueMs)} ms`
      : `no such timer in ${this.#run.path}`;
    return { what: 'timing', seq, ms, expected: `${type} at ${ms} ms`, got };
  }
}

function nameOf({ type, what }: MachineOutput): string {
  return type === 'state' ? what : `${type.slice(0, -'.told'.length)}: ${what}`;
}

function whatOf({ type }: MachineOutput): Difference['what'] {
  if (type === 'state') return 'state';
  return type === 'agent.told' ? 'words' : 'ears';
}

/** A turn enters the history once it has been said. */
function saidAt(at: number, { turns = [] }: ReplayOptions): string | null {
  return turns.find((turn) => turn.speaker === 'agent' && turn.at >= at)?.text ?? null;
}
