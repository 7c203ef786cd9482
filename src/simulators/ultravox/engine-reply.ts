/** What the simulated model says, and how vLLM cuts that into deltas. */
import type { ChatMessage } from '../../ultravox/engine-client.ts';
import type { Heard } from './recording-matcher.ts';

export interface ToolReply {
  tool: { name: string; arguments?: unknown };
}

/** Decides the simulated model's answer from what it heard. */
export type ReplyScript = (
  heard: Heard,
  request: { messages: ChatMessage[]; turn: number },
) => string | ToolReply;

/** For recordings without a script: says them back, which shows that they were heard. */
export function repeatBack(heard: Heard): string {
  if (heard.durationMs === 0 || heard.silent) return 'Hello. I did not hear anything just now.';
  if (heard.all.length > 0) return `You said: ${wordsOf(heard)}`;
  return (
    'I am a simulator. I know only the recordings of my script, ' +
    'so I cannot understand what you say.'
  );
}

/** A summary of nothing but counting, which says so. */
export function simulatedSummary(messages: readonly ChatMessage[]): string {
  const text = String(messages.at(-1)?.content ?? '');
  const turns = text.split('\n').filter((line) => line.startsWith('Caller:')).length;
  return JSON.stringify({
    summary: `A simulated summary of a call in which the caller spoke ${turns} times.`,
    tags: ['question_answered'],
  });
}

/** For load tests that do not listen: a reply of ordinary length, about 25 tokens. */
export function ordinaryReply(): string {
  return 'Certainly. I have made a note of that for you. Is there anything else that I can help with today?';
}

/** The texts of the recordings in what was heard, in order. */
export function wordsOf(heard: Heard): string {
  return heard.all.map(({ recording }) => recording.text).join(' ');
}

/** One of vLLM's `choices[0].delta` objects, which costs one token's time. */
export type Delta =
  | { content: string }
  | {
      tool_calls: [
        {
          index: 0;
          id?: string;
          type?: 'function';
          function: { name?: string; arguments?: string };
        },
      ];
    };

/** A word, with the space before it, is about a token; long ones are more. */
export function textDeltas(text: string): Delta[] {
  return (text.match(/\s*\S{1,8}/g) ?? []).map((content) => ({ content }));
}

/**
 * The name alone first, then the arguments in pieces that break anywhere. Empty arguments are never
 * sent, as vLLM's parser for Llama 3 does.
 */
export function toolDeltas({ tool }: ToolReply): Delta[] {
  const id = `chatcmpl-tool-${crypto.randomUUID()}`;
  const name: Delta = {
    tool_calls: [{ id, type: 'function', index: 0, function: { name: tool.name } }],
  };
  const json = JSON.stringify(tool.arguments ?? {});
  if (json === '{}') return [name];
  const pieces = json.match(/[\s\S]{1,7}/g) ?? [];
  return [
    name,
    ...pieces.map(
      (piece): Delta => ({
        tool_calls: [{ index: 0, function: { arguments: piece } }],
      }),
    ),
  ];
}

/** The tool call, or any reply, as a model that forgets its format would speak it. */
export function leakedJson(reply: string | ToolReply): string {
  const { name, arguments: parameters = {} } =
    typeof reply === 'string' ? { name: 'answer', arguments: { text: reply } } : reply.tool;
  return `Sure, let me check. ${JSON.stringify({ name, parameters })}`;
}
