import type { ChatMessage, EngineRequest } from '../../src/ultravox/engine-client.ts';
import { KITCHEN, MANAGER } from './open-desk.ts';

const SPECIAL_TOKEN = /<\|[^<>|]*\|>/;
const STAFF = [MANAGER, KITCHEN].map((number) => number.slice(-8));

/** What would make the engine refuse a request, or tell the model what it must not know. */
export function wrongInRequest({ messages }: EngineRequest): string | undefined {
  for (const [at, message] of messages.entries()) {
    const wrong = wrongInText(textOf(message)) ?? wrongInCall(message, messages[at + 1]);
    if (wrong) return `${message.role}: ${wrong}`;
  }
  return undefined;
}

function textOf({ content }: ChatMessage): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join(' ');
}

function wrongInText(text: string): string | undefined {
  if (SPECIAL_TOKEN.test(text)) return 'a special token';
  if (!text.isWellFormed()) return 'half a character';
  const digits = text.replace(/[\s().-]/g, '');
  return STAFF.some((number) => digits.includes(number)) ? 'a number of the staff' : undefined;
}

/** Chat templates parse the arguments: what they cannot read fails all requests from then on. */
function wrongInCall(message: ChatMessage, next: ChatMessage | undefined): string | undefined {
  const call = message.role === 'assistant' ? message.tool_calls?.[0] : undefined;
  if (!call) return undefined;
  if (next?.role !== 'tool' || next.tool_call_id !== call.id) return 'a call without its result';
  if (!/^[\w-]{1,64}$/.test(call.function.name)) return 'a name that is none';
  const values: unknown = JSON.parse(call.function.arguments);
  if (typeof values !== 'object' || values === null) return 'arguments that are no object';
  for (const each of Object.entries(values).flat()) {
    if (typeof each === 'object' && each !== null) return 'nested arguments';
    if (typeof each !== 'string') continue;
    if (SPECIAL_TOKEN.test(each)) return 'a special token';
    if (!each.isWellFormed()) return 'half a character';
  }
  return undefined;
}
