import type { Conversation } from '../ultravox/conversation.ts';
import type { Speech } from './speech.ts';

/**
 * What the agent says, as history: what was heard of it and no more, once it is over. A tool may
 * answer before that; its result comes after the words that led to it all the same.
 */
export class SpokenHistory {
  readonly #conversation: Conversation;
  /** Speeches that are not over and that a tool's result comes after, each with what ends it. */
  readonly #held = new Map<Speech, (heard: string, cut: string) => void>();

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** A result is about to become history: this, said or still to be said, comes before it. */
  hold(speech: Speech): void {
    if (speech.text === '' || this.#held.has(speech)) return;
    this.#held.set(speech, this.#conversation.holdAgentTurn(speech));
  }

  /** It will not be said. */
  drop(speech: Speech): void {
    this.#held.get(speech)?.('', '');
    this.#held.delete(speech);
  }

  /** It is over. @returns what was heard */
  end(speech: Speech): string {
    const heard = speech.heardText();
    const held = this.#held.get(speech);
    this.#held.delete(speech);
    if (held) held(heard, speech.cutText());
    else this.#conversation.addAgentTurn(heard, speech.cutText());
    return heard;
  }
}
