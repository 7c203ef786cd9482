import { TURN_THRESHOLDS } from '../turns/thresholds.ts';
import { type TurnEvent, type TurnMode, TurnPolicy } from '../turns/turn-policy.ts';
import { isOfEars, type JournalRow, type WindowsRow } from './journal.ts';

/** Where the ears as recorded and the turn policy as it is now part. */
export interface EarsDifference {
  seq: number;
  ms: number;
  expected: string;
  got: string;
}

/** What the ears told of a window of sound. */
export interface HeardEvent {
  turn: TurnEvent;
  /** The end of the window that decided, as a position in the caller's sound. */
  endMs: number;
}

interface Awaited extends HeardEvent {
  seq: number;
  ms: number;
  /** The end of the row's last window: that which tells something ends a row. */
  rowEndMs: number;
}

/**
 * Judges a call's recorded voice activity anew, under the recorded modes, and compares what the turn
 * policy says with what the ears told. What keys cause is taken as recorded.
 */
export class EarsReplay {
  readonly #policy = new TurnPolicy(TURN_THRESHOLDS);
  #attentive = false;
  #awaited: Awaited[] = [];
  /** What keys have made the ears tell, and may make them tell still. */
  #keyed: readonly string[] = [];
  /** Keys have begun a turn: a noise does not end it. */
  #entering = false;
  /** Of the event that was pushed last. */
  heard: HeardEvent | undefined;

  /** @returns undefined where they agree */
  push(row: JournalRow): EarsDifference | undefined {
    if (row.kind === 'windows') return this.#hear(row);
    if (row.kind === 'believed') this.#policy.believe(row.complete);
    if (row.kind === 'keyed') this.#keyed = FIRST_OF_KEY;
    if (row.kind === 'output' && row.output.type === 'ears.told') this.#turnTo(row.output.what);
    if (row.kind !== 'event') return undefined;
    if (row.event.type === 'agent.audible') this.#entering = false;
    return isOfEars(row.event.type) ? this.#told(row, row.event.type) : this.#pressed(row.event);
  }

  /** What the policy has said and no row tells of. */
  get missing(): EarsDifference | undefined {
    const [first] = this.#attentive ? this.#awaited : [];
    if (!first) return undefined;
    const { seq, ms, turn } = first;
    return { seq, ms, expected: 'nothing told by the ears', got: `caller.${turn.type}` };
  }

  #hear(row: WindowsRow & { seq: number; ms: number }): EarsDifference | undefined {
    const missing = this.missing;
    if (missing) return missing;
    const { seq, ms } = row;
    this.#policy.attend(row.mode, row.expecting);
    this.#awaited = row.windows.flatMap((window) =>
      this.#policy
        .push(window)
        .map((turn) => ({ seq, ms, turn, endMs: window.endMs, rowEndMs: row.endMs })),
    );
    if (this.#entering) this.#awaited = this.#awaited.filter(({ turn }) => turn.type !== 'ignored');
    return undefined;
  }

  #turnTo(told: string): void {
    const [command, mode] = told.split(' ');
    this.#attentive = command === 'attend';
    // The mode counts even where no window comes in it: the agent's floor ends a turn in progress.
    // What is expected of the caller comes with the windows.
    if (mode) this.#policy.attend(mode as TurnMode);
  }

  #told({ seq, ms }: { seq: number; ms: number }, type: string): EarsDifference | undefined {
    const [first, ...others] = this.#attentive ? this.#awaited : [];
    this.heard = undefined;
    if (first && `caller.${first.turn.type}` === type) {
      this.heard = first;
      this.#awaited = others;
      if (first.endMs === first.rowEndMs) return undefined;
      const at = (endMs: number) => `${type} at ${endMs} ms of sound`;
      return { seq, ms, expected: at(first.rowEndMs), got: at(first.endMs) };
    }
    if (this.#keyed.includes(type)) {
      this.#entering = type !== 'caller.finished';
      this.#keyed = type === 'caller.spoke' ? AFTER_SPOKE : [];
      return undefined;
    }
    const got = first ? `caller.${first.turn.type}` : 'nothing told by the ears';
    return { seq, ms, expected: type, got };
  }

  #pressed({ type }: { type: string }): undefined {
    if (type !== 'caller.pressed') return;
    this.#entering = false;
    this.#keyed = [];
  }
}

const FIRST_OF_KEY = ['caller.spoke', 'caller.finished'];
/** A key over the agent is an interruption at once. */
const AFTER_SPOKE = ['caller.interrupted'];
