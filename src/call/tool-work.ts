import type { ToolNote } from '../journal/call-event.ts';
import type { DeskAnswer, DeskEffect } from '../restaurant/desk-answer.ts';
import type { Conversation } from '../ultravox/conversation.ts';

export interface ToolCall {
  id: string;
  name: string;
  argumentsJson: string;
}

/** The tools that the model may call in this call. */
export interface Tools {
  /** In OpenAI's form; the same for every request of a call, byte for byte. */
  readonly descriptions: readonly { readonly function: { readonly name: string } }[];
  /** Never rejects; settles within a bound of its own. */
  run(call: ToolCall): Promise<DeskAnswer>;
}

export interface ToolHandlers {
  /** The result is about to become history. */
  onResult(): void;
  /** It is history. */
  onEnded(effect: DeskEffect | undefined): void;
}

/**
 * The tool that works for this call, one at a time. What has begun goes on to its end, whatever the
 * caller does meanwhile, and its result enters the history before anything is asked of the model.
 */
export class ToolWork {
  readonly #tools: Tools;
  readonly #conversation: Conversation;
  readonly #onFailure: (error: Error) => void;
  readonly #trace: { toolEnded(note: ToolNote): void };
  #settled: Promise<void> = Promise.resolve();
  #wanted: ToolHandlers | undefined;

  constructor(options: {
    tools: Tools;
    conversation: Conversation;
    onFailure(error: Error): void;
    trace: { toolEnded(note: ToolNote): void };
  }) {
    this.#tools = options.tools;
    this.#conversation = options.conversation;
    this.#onFailure = options.onFailure;
    this.#trace = options.trace;
  }

  /** Resolves when no tool works. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  get isBusy(): boolean {
    return this.#wanted !== undefined;
  }

  /** @param handlers called unless the caller has taken the floor by then */
  begin(call: ToolCall, handlers: ToolHandlers): void {
    this.#wanted = handlers;
    this.#settled = this.#settled.then(() => this.#run(call, handlers));
  }

  /** The caller goes on speaking: what a tool does to the call itself does not happen any more. */
  disown(): void {
    this.#wanted = undefined;
  }

  async #run(call: ToolCall, handlers: ToolHandlers): Promise<void> {
    const beganAt = Date.now();
    const answer = await this.#tools.run(call).catch((error: Error): DeskAnswer => {
      // A mistake of ours: whatever was done or not, the model must not promise anything.
      this.#onFailure(error);
      return { accepted: false, content: BROKEN };
    });
    const { accepted } = answer;
    const name = this.#nameOf(call);
    this.#trace.toolEnded({ name, beganAt, endedAt: Date.now(), accepted });
    const isWanted = this.#wanted === handlers;
    if (isWanted) handlers.onResult();
    const result = answer.effect && !isWanted ? OVERTAKEN : answer.content;
    this.#conversation.addToolTurn({ ...call, result });
    if (!isWanted) return;
    this.#wanted = undefined;
    handlers.onEnded(answer.effect);
  }

  /** A name that the model made up may be anybody's words. */
  #nameOf({ name }: ToolCall): string {
    const isKnown = this.#tools.descriptions.some((tool) => tool.function.name === name);
    return isKnown ? name : 'unknown';
  }
}

const BROKEN =
  '{"done":false,"why":"This did not work. Promise nothing; offer to take a message or a person."}';
const OVERTAKEN = '{"done":false,"why":"The caller went on speaking."}';
