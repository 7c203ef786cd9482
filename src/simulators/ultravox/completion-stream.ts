/** Writes one completion as vLLM streams it, at a pace, until it ends, breaks or is left. */
import type { ServerResponse } from 'node:http';
import type { EngineFaults } from './engine-faults.ts';
import type { Delta } from './engine-reply.ts';

export interface Completion {
  model: string;
  deltas: readonly Delta[];
  finishReason: 'stop' | 'length' | 'tool_calls';
  /** Undefined: the client did not ask for it. */
  promptTokens: number | undefined;
}

export interface Pace {
  /** Milliseconds from one token to the next, as things are now. */
  tokenMs: () => number;
  faults: EngineFaults;
  /** A seeded number in [0, 1). */
  random: () => number;
}

/**
 * Starts with the first token, due now. Resolves when the stream is over: complete, broken by a
 * fault, or closed by the client. A hang lasts until then.
 */
export function streamCompletion(
  response: ServerResponse,
  completion: Completion,
  pace: Pace,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const id = `chatcmpl-${crypto.randomUUID()}`;
  const { faults } = pace;
  let timer: NodeJS.Timeout | undefined;
  let sent = 0;
  let dueMs = performance.now();
  response.once('close', () => {
    clearTimeout(timer);
    resolve();
  });
  const chunk = (choices: readonly unknown[], extra = {}) => {
    const created = Math.floor(Date.now() / 1000);
    const head = { id, object: 'chat.completion.chunk', created, model: completion.model };
    response.write(`data: ${JSON.stringify({ ...head, choices, ...extra })}\n\n`);
  };
  const delta = (value: object, finish_reason: string | null) =>
    chunk([{ index: 0, delta: value, logprobs: null, finish_reason }]);

  const step = () => {
    const fault = faultAt(faults, sent);
    if (fault === 'hang') return;
    if (fault === 'reset') return void response.destroy();
    if (fault === 'error') return void response.end(IN_STREAM_ERROR);
    if (fault === 'garbage') return void response.end(garbage(pace.random));
    const isLast = sent >= completion.deltas.length - 1;
    if (sent === 0) delta({ role: 'assistant', content: '' }, null);
    const next = completion.deltas[sent++];
    // A last piece of a tool call's arguments rides on the chunk with the finish reason.
    const ridesAlong = isLast && completion.finishReason === 'tool_calls';
    if (next && !ridesAlong) delta(next, null);
    if (isLast) return finish(ridesAlong ? (next ?? {}) : {});
    dueMs += pace.tokenMs();
    timer = setTimeout(step, Math.max(0, dueMs - performance.now()));
  };
  const finish = (last: object) => {
    delta(last, completion.finishReason);
    if (completion.promptTokens !== undefined) {
      chunk([], { usage: usageOf(completion.promptTokens, completion.deltas.length) });
    }
    response.end('data: [DONE]\n\n');
  };

  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  step();
  return promise;
}

const IN_STREAM_ERROR =
  'data: {"error":{"message":"EngineCore encountered an issue","type":"InternalServerError",' +
  '"param":null,"code":500}}\n\ndata: [DONE]\n\n';

function faultAt(faults: EngineFaults, sent: number): string | undefined {
  if (faults.garbage) return 'garbage';
  if (faults.hangAfterTokens !== undefined && sent >= faults.hangAfterTokens) return 'hang';
  if (faults.resetAfterTokens !== undefined && sent >= faults.resetAfterTokens) return 'reset';
  if (faults.errorInStream !== undefined && sent >= faults.errorInStream) return 'error';
  return undefined;
}

function usageOf(promptTokens: number, completionTokens: number): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** Half an event, then any bytes. */
function garbage(random: () => number): Buffer {
  const bytes = Uint8Array.from({ length: 200 }, () => Math.floor(random() * 256));
  const start = Buffer.from('data: {"id":"chatcmpl-1","choices":[{"delta":');
  return Buffer.concat([start, bytes, Buffer.from('\n\n')]);
}
