/** What the callers of a chaos run say, and what the model does and says then. */
import type { ReplyScript, ToolReply } from '../../src/simulators/ultravox/simulated-ultravox.ts';
import type { ChatMessage } from '../../src/ultravox/engine-client.ts';
import { use } from '../support/engine-script.ts';

export interface Line {
  id: 'hours' | 'table' | 'name' | 'yes';
  text: string;
  /** The model's answer, once its tool has done its work. */
  reply: string;
  /** Said while the agent still answers the line before. */
  interrupts?: true;
  /** The tool writes: it can be kept at work. */
  books?: true;
}

export const GREETING = 'Hello, this is the restaurant.';
export const BOOKED = 'Very well, your table is booked.';
const PARTY = { date: 'tomorrow', time: '19:30', party: 4 };
export const BOOKING = { time: PARTY.time, party_size: PARTY.party };

export const DIALOGUE: readonly Line[] = [
  {
    id: 'hours',
    text: 'What are your opening hours?',
    reply: 'We are open every day from noon to midnight, and the kitchen serves until eleven.',
  },
  {
    id: 'table',
    text: 'I would like to book a table for tomorrow evening.',
    reply: 'Half past seven is free. Under which name, please?',
    interrupts: true,
  },
  {
    id: 'name',
    text: 'My name is Miller.',
    reply: 'Four people at half past seven, for Miller. Is that right?',
    books: true,
  },
  { id: 'yes', text: 'Yes, that is right.', reply: BOOKED, books: true },
];

/** All that the model ever says. */
export const REPLIES = [...DIALOGUE.map(({ reply }) => reply), 'I heard nothing.', 'It failed.'];
const [NOTHING_HEARD, FAILED] = REPLIES.slice(-2) as [string, string];

/**
 * A model that knows which line was said last, by its sound or by its transcript, and goes on from
 * what it has said to it already.
 * @param onTool it asks for a tool
 */
export function dialogueModel(onTool: (line: Line) => void): ReplyScript {
  return (heard, { messages }) => {
    const asked = lastLine(heard.all.at(-1)?.recording.id, messages);
    if (!asked) return NOTHING_HEARD;
    const since = messages.slice(asked.at + 1);
    const results = since.flatMap(({ role, content }) => (role === 'tool' ? [content] : []));
    const tool = toolOf(asked.line, messages);
    if (tool && results.length === 0) {
      onTool(asked.line);
      return tool;
    }
    if (results.some((result) => !isDone(String(result)))) return FAILED;
    return restOf(asked.line.reply, since);
  };
}

function lastLine(
  heardId: string | undefined,
  messages: readonly ChatMessage[],
): { line: Line; at: number } | undefined {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  for (let at = last; at >= 0; at -= 1) {
    const { role, content } = messages[at]!;
    if (role !== 'user') continue;
    const text = JSON.stringify(content);
    const line = DIALOGUE.find(
      (each) => (at === last && each.id === heardId) || text.includes(each.text),
    );
    if (line) return { line, at };
  }
  return undefined;
}

function toolOf({ id }: Line, messages: readonly ChatMessage[]): ToolReply | undefined {
  if (id === 'table') return use('check_availability', PARTY);
  if (id === 'name') return use('hold_table', { ...PARTY, name: 'Miller' });
  if (id === 'yes') return use('confirm_booking', { booking: bookingIn(messages) ?? 'B1' });
  return undefined;
}

/** The booking that a tool named last, such as B2. */
function bookingIn(messages: readonly ChatMessage[]): string | undefined {
  const results = messages.flatMap(({ role, content }) => (role === 'tool' ? [content] : []));
  return /"booking":\s*"(\w+)"/.exec(String(results.at(-1) ?? ''))?.[1];
}

/** "Booked already" is an answer as good as any to a repeat. */
function isDone(result: string): boolean {
  return /"done":\s*true/.test(result) || /is booked already/.test(result);
}

/** Of a reply whose beginning was said, what is left. */
function restOf(reply: string, since: readonly ChatMessage[]): string {
  const said = since.findLast(({ role, content }) => role === 'assistant' && content)?.content;
  const begun = typeof said === 'string' ? said.trim() : '';
  const isBegun = begun !== '' && begun !== reply && reply.startsWith(begun);
  return isBegun ? reply.slice(begun.length).trim() : reply;
}
