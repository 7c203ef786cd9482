/** A streaming client for vLLM's OpenAI-compatible endpoint. */
import { createParser } from 'eventsource-parser';
import { CompletionParser } from './completion-parser.ts';
import { EngineError } from './engine-error.ts';
import { refusalOf } from './engine-refusal.ts';
import { requestBody } from './request-body.ts';
import { Watchdog } from './watchdog.ts';

export type ContentPart =
  | { type: 'text'; text: string }
  /** `data`: a WAV file in base64. */
  | { type: 'input_audio'; input_audio: { data: string; format: 'wav' } };

export interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

export type ChatMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: readonly ContentPart[] | string }
  /** Llama 3's template refuses more than one tool call in a message. */
  | { role: 'assistant'; content: string; tool_calls?: readonly [ToolCall] }
  | { role: 'tool'; tool_call_id: string; content: string };

export interface EngineRequest {
  messages: readonly ChatMessage[];
  maxTokens: number;
  temperature: number;
  /** OpenAI's function descriptions; the model chooses whether to call one. */
  tools?: readonly unknown[];
}

export type EngineEvent =
  | { type: 'text'; text: string }
  | { type: 'toolCall'; id: string; name: string; argumentsJson: string }
  | {
      type: 'finished';
      /** `stop`, `length`, `tool_calls`, or what else the engine says. */
      reason: string;
      usage?: { promptTokens: number; completionTokens: number };
    };

export interface EngineClientOptions {
  /** With the version, as in `http://host:8000/v1`. */
  url: string;
  apiKey?: string;
  /** The name that vLLM serves the model under. */
  model: string;
  /** From sending the request to the model's first output. */
  firstTokenMs?: number;
  /** Between two pieces of output. */
  betweenTokensMs?: number;
}

export class EngineClient {
  readonly #url: string;
  readonly #model: string;
  readonly #headers: Record<string, string>;
  readonly #firstTokenMs: number;
  readonly #betweenTokensMs: number;
  /** When a connection was in use last (performance.now()). */
  #usedAt = Number.NEGATIVE_INFINITY;
  /** A reply that was left took its connection with it. */
  #hasLost = false;

  constructor(options: EngineClientOptions) {
    this.#url = options.url.replace(/\/+$/, '');
    this.#model = options.model;
    this.#firstTokenMs = options.firstTokenMs ?? 4000;
    this.#betweenTokensMs = options.betweenTokensMs ?? 1000;
    // A compressing proxy would hold tokens back until it has a block full of them.
    this.#headers = { 'accept-encoding': 'identity' };
    if (options.apiKey) this.#headers.authorization = `Bearer ${options.apiKey}`;
  }

  /**
   * Streams one reply. Leaving the loop or aborting `signal` closes the HTTP stream at once, and
   * with it vLLM's generation.
   * @param onFirstToken called once, with the first output: before the event of a tool call, which
   * comes only when its arguments are complete
   * @param onSent called once, when the request has been built and is sent
   * @throws {EngineError}, or the signal's reason
   */
  async *stream(
    request: EngineRequest,
    signal: AbortSignal,
    onFirstToken?: () => void,
    onSent?: () => void,
  ): AsyncGenerator<EngineEvent, void, undefined> {
    const watchdog = new Watchdog(signal);
    const parser = new CompletionParser();
    try {
      watchdog.expect(this.#firstTokenMs, 'firstTokenStall');
      const body = requestBody(this.#model, request);
      const answering = this.#post('/chat/completions', body, watchdog.signal);
      onSent?.();
      const response = await answering;
      if (!response.ok) throw await refusalOf(response);
      for await (const payload of payloadsOf(response)) {
        // Read only so that the connection can be used again, and for no longer than that is worth.
        if (parser.isDone) continue;
        const hadOutput = parser.hasOutput;
        const events = parser.push(payload);
        if (!parser.hasOutput && !parser.isDone) continue;
        // The consumer may take its time over an event: the engine is timed only while we read.
        watchdog.rest();
        if (!hadOutput && parser.hasOutput) onFirstToken?.();
        yield* events;
        watchdog.expect(parser.isDone ? DRAIN_MS : this.#betweenTokensMs, 'tokenStall');
      }
      yield* parser.end();
    } catch (error) {
      // The reply was complete; only the connection was not worth waiting for.
      if (parser.isDone && !signal.aborted) return;
      throw watchdog.explain(error);
    } finally {
      this.#usedAt = performance.now();
      this.#hasLost ||= !parser.isDone;
      watchdog.stop();
    }
  }

  /**
   * A request may come soon: a connection is opened now, unless one is open still and none was lost, so
   * that it need not wait for that. Never rejects.
   */
  async keepWarm(signal: AbortSignal): Promise<void> {
    const now = performance.now();
    if ((now - this.#usedAt < OPEN_MS && !this.#hasLost) || signal.aborted) return;
    this.#usedAt = now;
    this.#hasLost = false;
    // What it says is of no interest here.
    await this.isHealthy(signal).catch(() => false);
  }

  /** The names of the models served. @throws {EngineError}, or the signal's reason */
  async models(signal: AbortSignal): Promise<string[]> {
    const text = await this.#get(`${this.#url}/models`, signal);
    try {
      const { data } = JSON.parse(text) as { data: { id: unknown }[] };
      return data.map((model) => String(model.id));
    } catch (cause) {
      throw new EngineError('garbage', 'expected a list of models, got something else', { cause });
    }
  }

  /**
   * What `/health` says. It stays 200 while the engine behind it hangs: true only means that
   * somebody answers. Never throws, except the signal's reason.
   */
  async isHealthy(signal: AbortSignal): Promise<boolean> {
    try {
      // Beside the version, under whatever prefix a platform puts before both.
      await this.#get(`${this.#url.replace(/\/v1$/, '')}/health`, signal);
      return true;
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }

  async #get(url: string, signal: AbortSignal): Promise<string> {
    const watchdog = new Watchdog(signal);
    try {
      watchdog.expect(PROBE_MS, 'firstTokenStall');
      const options = { headers: this.#headers, signal: watchdog.signal };
      const response = await fetch(url, { ...options, redirect: 'error' });
      if (!response.ok) throw await refusalOf(response);
      return await response.text();
    } catch (error) {
      throw watchdog.explain(error);
    } finally {
      watchdog.stop();
    }
  }

  /** A kept-alive connection may die just as it is used: then, and only then, asks once more. */
  async #post(path: string, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Response> {
    const headers = { ...this.#headers, 'content-type': 'application/json' };
    const init: RequestInit = { method: 'POST', headers, body, signal, redirect: 'error' };
    try {
      return await fetch(this.#url + path, init);
    } catch (error) {
      if (signal.aborted || !wasConnectionLost(error)) throw error;
      return fetch(this.#url + path, init);
    }
  }
}

/** Node's `fetch` closes a connection that has been idle for 4 s, uvicorn (and so vLLM) after 5 s. */
const OPEN_MS = 3000;
/** After `[DONE]` the connection is given this long to end cleanly, so that it can be used again. */
const DRAIN_MS = 100;
const PROBE_MS = 2000;
const MAX_EVENT_BYTES = 65_536;

/** The `data:` payloads of an event stream. */
async function* payloadsOf(response: Response): AsyncGenerator<string, void, undefined> {
  const contentType = response.headers.get('content-type') ?? 'none';
  if (!response.body || !contentType.startsWith('text/event-stream')) {
    throw new EngineError('garbage', `expected an event stream, got content type ${contentType}`);
  }
  let payloads: string[] = [];
  let isTooLong = false;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_BYTES,
    onEvent: (event) => payloads.push(event.data),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') isTooLong = true;
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of response.body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    const ready = payloads;
    payloads = [];
    yield* ready;
    if (isTooLong) {
      throw new EngineError('garbage', `expected events of up to ${MAX_EVENT_BYTES} characters`);
    }
  }
}

function wasConnectionLost(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE';
}
