import type { ReplyScript } from '../simulators/ultravox/simulated-ultravox.ts';
import type { ChatMessage } from '../ultravox/engine-client.ts';
import type { DemoLine } from './dialogue.ts';

/**
 * What a model would do with what it has heard: calls the line's tool, and gives the line's reply once
 * the tool has done its work.
 */
export function scriptedModel(lines: readonly DemoLine[]): ReplyScript {
  return (heard, { messages }) => {
    const line = lines.find(({ id }) => id === heard.all.at(-1)?.recording.id);
    if (!line) return 'Pardon?';
    const { tool, reply } = line;
    const last = messages.at(-1);
    if (last?.role === 'tool')
      return isDone(last.content) ? reply : 'I am afraid that did not work.';
    if (!tool) return reply;
    return { tool: { name: tool.name, arguments: tool.arguments(bookingIn(messages)) } };
  };
}

function isDone(result: string): boolean {
  return (JSON.parse(result) as { done?: boolean }).done === true;
}

/** The booking that a tool named last, such as B2. */
function bookingIn(messages: readonly ChatMessage[]): string | undefined {
  return messages.reduce<string | undefined>((found, message) => {
    if (message.role !== 'tool') return found;
    return (JSON.parse(message.content) as { booking?: string }).booking ?? found;
  }, undefined);
}
