/** What a caller does: takes turns, interrupts, murmurs, is silent, presses keys, hangs up. */
import type { Random } from './random.ts';
import type { Swarm } from './swarm.ts';

/** What the caller hears of the agent. */
export interface Heard {
  isSilent: boolean;
  /** Since when. */
  silentMs: number;
  /** The agent has said anything at all since the caller's last words. */
  isAddressed: boolean;
}

interface Segment {
  isSpeech: boolean;
  leftMs: number;
}

export type Deed = 'speaks' | 'listens' | 'hangsUp' | { presses: string };

export class Caller {
  readonly #random: Random;
  readonly #habits: Swarm['caller'];
  #plan: Segment[] = [];
  #turnsLeft: number;
  #reactionMs = 0;
  #isReluctant = false;
  #keysLeft: string[] = [];

  /** @param turns after which the caller hangs up */
  constructor(random: Random, habits: Swarm['caller'], turns: number) {
    this.#random = random;
    this.#habits = habits;
    this.#turnsLeft = turns;
    this.#reconsider();
  }

  /** The next stretch of time. */
  act(ms: number, heard: Heard): Deed {
    const [segment] = this.#plan;
    if (segment) {
      segment.leftMs -= ms;
      if (segment.leftMs <= 0) this.#plan.shift();
      return segment.isSpeech ? 'speaks' : 'listens';
    }
    return heard.isSilent ? this.#inSilence(heard) : this.#overAgent(ms);
  }

  #inSilence({ silentMs, isAddressed }: Heard): Deed {
    const key = this.#keysLeft.shift();
    if (key) return { presses: key };
    const waitMs = isAddressed ? this.#reactionMs : this.#reactionMs + IMPATIENT_MS;
    if (silentMs < waitMs || (this.#isReluctant && silentMs < RELUCTANT_MS)) return 'listens';
    this.#reconsider();
    if (this.#turnsLeft-- <= 0 || this.#random.chance(this.#habits.hangUp)) return 'hangsUp';
    if (this.#random.chance(this.#habits.digits)) {
      this.#keysLeft = this.#random
        .pick([['0'], ['5', '5', '5', '1'], ['1', '#'], ['1', '2', '0', '4', '#']])
        .slice();
      return 'listens';
    }
    this.#takeTurn(this.#random.integer(1, 3));
    return 'speaks';
  }

  #overAgent(ms: number): Deed {
    const share = ms / 2000;
    if (this.#random.chance(this.#habits.interrupt * share))
      this.#takeTurn(this.#random.integer(1, 2));
    else if (this.#random.chance(this.#habits.murmur * share))
      this.#say(this.#random.integer(100, 500));
    else if (this.#random.chance(this.#habits.hangUp * share * 0.2)) return 'hangsUp';
    else return 'listens';
    return 'speaks';
  }

  #takeTurn(parts: number): void {
    for (let part = 0; part < parts; part++) {
      this.#say(this.#random.skewed(200, 2500));
      if (part < parts - 1)
        this.#plan.push({ isSpeech: false, leftMs: this.#random.integer(80, 700) });
    }
  }

  #say(ms: number): void {
    this.#plan.push({ isSpeech: true, leftMs: ms });
  }

  #reconsider(): void {
    this.#reactionMs = this.#random.skewed(200, 2500);
    this.#isReluctant = this.#random.chance(this.#habits.silent);
  }
}

/** Who is not answered speaks up after this much longer. */
const IMPATIENT_MS = 9000;
const RELUCTANT_MS = 12_000;
