import type { CallEvent } from '../../machines/call-protocol.ts';
import type { ToolCall, Tools } from '../../src/call/tool-work.ts';
import type { Desk } from '../../src/restaurant/desk.ts';
import type { DeskAnswer, DeskEffect } from '../../src/restaurant/desk-answer.ts';
import { PROFILE } from './open-desk.ts';

/** As many tools may follow one another in an answer. */
const MOST_IN_TURN = 4;

export interface WatchedToolsOptions {
  desk: Desk;
  descriptions: Tools['descriptions'];
  /** How much longer than the desk the next tool takes. */
  delayMs(): number;
  /** As the desk is told it. */
  turn(): number;
  /** The call's state, how often the agent gave up the floor, and whether there is a turn in progress. */
  floor(): { state: string; yields: number; hasTurn: boolean };
  violations: string[];
}

/** The desk's tools, and a judgement on when they are used and what they do to the call. */
export class WatchedTools implements Tools {
  readonly descriptions: Tools['descriptions'];
  readonly #options: WatchedToolsOptions;
  #effect: { effect: DeskEffect; yields: number } | undefined;
  runs = 0;
  accepted = 0;
  /** At work now. */
  working = 0;
  /** Since the caller's turn was over. */
  inTurn = 0;

  constructor(options: WatchedToolsOptions) {
    this.#options = options;
    this.descriptions = options.descriptions;
  }

  async run(call: ToolCall): Promise<DeskAnswer> {
    const { desk, turn, floor, delayMs, violations } = this.#options;
    const { state, yields, hasTurn } = floor();
    const isFirst = this.inTurn === 0 && state.startsWith('conversation.thinking');
    if (isFirst && hasTurn) violations.push('a tool began before its turn was history');
    if (!TURN_IS_OVER.test(state)) violations.push(`a tool began in ${state}`);
    if (this.working > 0) violations.push('two tools at once');
    this.runs += 1;
    this.inTurn += 1;
    if (this.inTurn > MOST_IN_TURN) violations.push(`${this.inTurn} tools in a row`);
    this.working += 1;
    const answer = await desk.run(call, { turn: turn() });
    await new Promise<void>((resolve) => setTimeout(resolve, delayMs()));
    this.working -= 1;
    this.accepted += answer.accepted ? 1 : 0;
    this.#effect = answer.effect && { effect: answer.effect, yields };
    return answer;
  }

  /** What a tool does to the call: only when all is said, and nobody took the floor since it began. */
  judgeEffect(event: CallEvent, now: { yields: number; isSounding: boolean }): void {
    const { violations } = this.#options;
    const type = EFFECTS[event.type];
    if (type === undefined) return;
    const wanted = this.#effect;
    this.#effect = undefined;
    if (wanted?.effect.type !== type) violations.push(`${event.type} without a tool for it`);
    if (wanted && wanted.yields !== now.yields) violations.push(`${event.type} over the caller`);
    if (now.isSounding) violations.push(`${event.type} into words`);
    if (event.type !== 'agent.transferred') return;
    if (!Object.hasOwn(PROFILE.staff, event.destination)) violations.push('transfer to nobody');
  }
}

const TURN_IS_OVER = /^conversation\.(?:thinking|speaking|bargeIn)/;
const EFFECTS: Readonly<Record<string, DeskEffect['type']>> = {
  'agent.transferred': 'transfer',
  'agent.concluded': 'endCall',
};
