/**
 * vLLM's streamed chat completion, read one `data:` payload at a time: pure, no sockets, no clocks.
 */
import type { EngineEvent } from './engine-client.ts';
import { EngineError } from './engine-error.ts';

export class CompletionParser {
  /** True from the first output of the model: text, or the beginning of a tool call. */
  hasOutput = false;
  /** True once `[DONE]` was read: what follows is not ours. */
  isDone = false;
  #events = 0;
  #textChars = 0;
  #callChars = 0;
  #finishReason: string | undefined;
  #usage: { promptTokens: number; completionTokens: number } | undefined;
  readonly #toolCalls = new Map<number, ToolCallDraft>();

  /**
   * The events that one payload completes; a tool call is complete only with the reply.
   * @throws {EngineError} `inStream` for an error object, `garbage` for anything unexpected
   */
  push(payload: string): EngineEvent[] {
    if (this.isDone) return [];
    if (++this.#events > MAX_EVENTS) throw tooMuch(`${MAX_EVENTS} events in a reply`);
    if (payload.trim() === '[DONE]') return this.#finish();
    const chunk = parseChunk(payload);
    if (chunk.error !== undefined && chunk.error !== null) throw inStreamError(chunk.error);
    this.#readUsage(chunk.usage);
    const choice = asList(chunk.choices)[0];
    if (!isRecord(choice)) return [];
    // A leftover piece of arguments may ride on the same chunk as the finish reason.
    const events = this.#readDelta(isRecord(choice.delta) ? choice.delta : {});
    if (typeof choice.finish_reason === 'string') this.#finishReason = choice.finish_reason;
    return events;
  }

  /** The stream has ended. @throws {EngineError} `cutShort` when the reply had not */
  end(): EngineEvent[] {
    if (this.isDone) return [];
    if (this.#finishReason === undefined) {
      throw new EngineError('cutShort', 'expected a finish reason, got the end of the stream');
    }
    return this.#finish();
  }

  #readDelta(delta: Record<string, unknown>): EngineEvent[] {
    for (const call of asList(delta.tool_calls)) if (isRecord(call)) this.#readToolCall(call);
    const text = typeof delta.content === 'string' ? delta.content : '';
    if (text === '') return [];
    this.hasOutput = true;
    this.#textChars += text.length;
    if (this.#textChars > MAX_TEXT_CHARS) throw tooMuch(`${MAX_TEXT_CHARS} characters of text`);
    return [{ type: 'text', text }];
  }

  /** The first delta has the id and the name, often without `arguments`; later ones add to those. */
  #readToolCall(delta: Record<string, unknown>): void {
    this.hasOutput = true;
    const index = typeof delta.index === 'number' ? delta.index : 0;
    const call = this.#toolCalls.get(index) ?? { id: '', name: '', argumentsJson: '' };
    this.#toolCalls.set(index, call);
    if (this.#toolCalls.size > MAX_TOOL_CALLS) throw tooMuch(`${MAX_TOOL_CALLS} tool calls`);
    if (typeof delta.id === 'string' && delta.id !== '') call.id = delta.id;
    if (!isRecord(delta.function)) return;
    const { name, arguments: piece } = delta.function;
    if (typeof name === 'string') call.name += this.#counted(name);
    if (typeof piece === 'string') call.argumentsJson += this.#counted(piece);
  }

  /** A piece of a tool call, as long as there is not too much of them. */
  #counted(piece: string): string {
    this.#callChars += piece.length;
    if (this.#callChars > MAX_TEXT_CHARS)
      throw tooMuch(`${MAX_TEXT_CHARS} characters of tool calls`);
    return piece;
  }

  #readUsage(usage: unknown): void {
    if (!isRecord(usage)) return;
    const { prompt_tokens: promptTokens, completion_tokens: completionTokens } = usage;
    if (typeof promptTokens !== 'number' || typeof completionTokens !== 'number') return;
    this.#usage = { promptTokens, completionTokens };
  }

  #finish(): EngineEvent[] {
    if (this.#finishReason === undefined) {
      throw new EngineError('cutShort', 'expected a finish reason before [DONE], found none');
    }
    const calls = [...this.#toolCalls].sort(([a], [b]) => a - b).map(([, call]) => complete(call));
    this.isDone = true;
    const reason = this.#finishReason;
    const usage = this.#usage;
    return [...calls, usage ? { type: 'finished', reason, usage } : { type: 'finished', reason }];
  }
}

interface ToolCallDraft {
  id: string;
  name: string;
  argumentsJson: string;
}

/** A spoken reply has under 100 events; a stream past these limits is a runaway. */
const MAX_EVENTS = 4096;
const MAX_TEXT_CHARS = 16_384;
const MAX_TOOL_CALLS = 8;

function complete(call: ToolCallDraft): EngineEvent {
  if (call.name === '') {
    throw new EngineError('garbage', 'expected a tool call with a name, got one without');
  }
  // vLLM streams nothing at all for a call without arguments.
  const argumentsJson = call.argumentsJson.trim() === '' ? '{}' : call.argumentsJson;
  return { type: 'toolCall', id: call.id, name: call.name, argumentsJson };
}

function parseChunk(payload: string): Record<string, unknown> {
  let chunk: unknown;
  try {
    chunk = JSON.parse(payload);
  } catch {
    // JSON.parse quotes its input, which may hold what was said: its error is not kept as a cause.
    throw new EngineError('garbage', `expected JSON, got ${payload.length} characters of not JSON`);
  }
  if (isRecord(chunk)) return chunk;
  throw new EngineError('garbage', `expected a JSON object, got ${typeof chunk}`);
}

function inStreamError(error: unknown): EngineError {
  const code = isRecord(error) && typeof error.code === 'number' ? ` ${error.code}` : '';
  return new EngineError('inStream', `expected the reply to go on, got error${code} in the stream`);
}

function tooMuch(limit: string): EngineError {
  return new EngineError('garbage', `expected at most ${limit}, got more`);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
