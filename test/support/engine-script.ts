import type { ReplyScript, ToolReply } from '../../src/simulators/ultravox/simulated-ultravox.ts';
import type { ChatMessage } from '../../src/ultravox/engine-client.ts';

type Reply = string | ToolReply;
/** A reply, or how it follows from what the tools of this turn have answered. */
export type Step = Reply | ((results: readonly string[]) => Reply);

/** A call of a tool. */
export function use(name: string, args: Record<string, unknown> = {}): ToolReply {
  return { tool: { name, arguments: args } };
}

/**
 * A model that answers each line of its callers in steps: the first when it hears the line, the next
 * with every answer of a tool. It remembers what it was told.
 */
export class EngineScript<Line extends string> {
  readonly reply: ReplyScript;
  readonly #results = new Map<string, readonly string[]>();

  constructor(steps: Readonly<Partial<Record<Line, readonly Step[]>>>) {
    this.reply = (heard, { messages }) => {
      const line = heard.all.at(-1)?.recording.id as Line | undefined;
      if (!line) return 'I heard nothing that I know.';
      const results = resultsOfTurn(messages);
      this.#results.set(line, results);
      const step = steps[line]?.[results.length] ?? `I did not expect to be asked this: ${line}.`;
      return typeof step === 'function' ? step(results) : step;
    };
  }

  /** What the tools answered in the last turn with this line, as the model was told it. */
  resultsOf(line: Line): readonly string[] {
    return this.#results.get(line) ?? [];
  }
}

function resultsOfTurn(messages: readonly ChatMessage[]): string[] {
  const turn = messages.slice(messages.findLastIndex(({ role }) => role === 'user'));
  return turn.flatMap(({ role, content }) => (role === 'tool' ? [String(content)] : []));
}
