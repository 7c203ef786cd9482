import type { ToolReply } from '../../src/simulators/ultravox/simulated-ultravox.ts';
import type { Passage } from './engine-gate.ts';

/** One clause, one sound. */
const ANSWER = 'I will look.';
const BREAKING_ANSWER = `${ANSWER} And here it breaks off.`;
const BREAK_AT = ' breaks';
/** Not the engine's fault, so that it is not believed to be down. */
const REFUSED = { status: 400 };

/** What the engine does for one call: nothing, until it is told. */
export class EngineOfCall {
  reply: string | ToolReply = '';
  #passage = Promise.withResolvers<Passage>();
  #isTold = false;
  readonly #tool: ToolReply;

  /** @param partySize by which the book knows whose wish it is */
  constructor(partySize: number) {
    const wish = { date: '2031-01-01', time: '12:00', party: partySize };
    this.#tool = { tool: { name: 'check_availability', arguments: wish } };
  }

  /** Resolves when a request of this call may pass. */
  get passage(): Promise<Passage> {
    return this.#passage.promise;
  }

  /** Words, and nothing after them; or a tool after them; or the engine fails in their midst. */
  speaks(then: 'ends' | 'usesTool' | 'breaks'): void {
    if (then === 'ends') this.#answer(ANSWER);
    else if (then === 'usesTool') this.#answer(`${ANSWER} ${this.#writtenTool}`);
    else this.#answer(BREAKING_ANSWER, { breakAt: BREAK_AT });
  }

  usesTool(reply: ToolReply = this.#tool): void {
    this.#answer(reply);
  }

  fails(): void {
    this.#answer('', REFUSED);
  }

  /** What it is asked for from now on waits until it is told again. */
  hesitates(): void {
    if (!this.#isTold) return;
    this.#isTold = false;
    this.#passage = Promise.withResolvers<Passage>();
  }

  #answer(reply: string | ToolReply, passage: Passage = 'whole'): void {
    this.reply = reply;
    this.#isTold = true;
    this.#passage.resolve(passage);
  }

  /** As a model writes it that speaks before. */
  get #writtenTool(): string {
    const { name, arguments: parameters } = this.#tool.tool;
    return JSON.stringify({ name, parameters });
  }
}
