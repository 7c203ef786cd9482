import type { Conversation, HeldTurn } from '../ultravox/conversation.ts';
import type { Speech } from './speech.ts';

/**
 * What the agent says, as history: what was heard of it and no more. Its place is taken when it becomes
 * audible, or before a tool's result that comes after it; it is told as it is heard, so that whoever
 * goes on with a call that breaks knows it.
 */
export class SpokenHistory {
  readonly #conversation: Conversation;
  /** Speeches that are not over, each with its place. */
  readonly #held = new Map<Speech, Held>();
  /** The one that was over last: what a line that has stalled may still play. */
  #last: { speech: Speech; turn: HeldTurn } | undefined;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** It is audible, or a result is about to become history: this, said or still to be said, comes before it. */
  hold(speech: Speech): void {
    if (speech.text === '' || this.#held.has(speech)) return;
    const turn = this.#conversation.holdAgentTurn(speech);
    this.#held.set(speech, { turn, toldAt: Number.NEGATIVE_INFINITY, told: '' });
  }

  /**
   * More of it has been heard, and it goes on.
   * @param owesRest false: what is left of it need not be said, as something else comes of the answer
   */
  heard(speech: Speech, owesRest: boolean): void {
    const held = this.#held.get(speech);
    const now = performance.now();
    if (!held || now - held.toldAt < LEAST_BETWEEN_MS) return;
    const [text, cut] = [speech.heardText(), owesRest ? speech.cutText() : ''];
    const told = `${text}\n${cut}`;
    if (text === '' || told === held.told) return;
    Object.assign(held, { told, toldAt: now });
    held.turn.heard(text, cut);
  }

  /** It will not be said. */
  drop(speech: Speech): void {
    this.#held.get(speech)?.turn.end('');
    this.#held.delete(speech);
  }

  /** It is over. @returns what was heard */
  end(speech: Speech): string {
    const heard = speech.heardText();
    const held = this.#held.get(speech);
    this.#held.delete(speech);
    if (held) held.turn.end(heard, speech.cutText());
    else this.#conversation.addAgentTurn(heard, speech.cutText());
    this.#last = held && { speech, turn: held.turn };
    return heard;
  }

  /** A line that had stalled plays what it had of it after all, and nothing else has been said since. */
  heardLate(speech: Speech): void {
    if (this.#last?.speech === speech) this.#last.turn.end(speech.heardText(), speech.cutText());
  }
}

interface Held {
  turn: HeldTurn;
  /** performance.now() of when it was told last, and what. */
  toldAt: number;
  told: string;
}

/** Marks come back every 200 ms of sound: only those that come at once, after a stall, are thinned out. */
const LEAST_BETWEEN_MS = 100;
