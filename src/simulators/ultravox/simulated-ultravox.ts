/**
 * A vLLM that serves a simulated Ultravox: its HTTP protocol, its pace, its faults on demand. It
 * listens: it recognises the recordings that it was given in the sound that it is sent.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { BadRequest, type ChatRequest, readChatRequest, tooLong } from './chat-request.ts';
import { type Completion, streamCompletion } from './completion-stream.ts';
import { type EngineFaults, isSick, noFaults } from './engine-faults.ts';
import {
  leakedJson,
  ordinaryReply,
  repeatBack,
  simulatedSummary,
  textDeltas,
  toolDeltas,
  wordsOf,
} from './engine-reply.ts';
import { bodyOf, sendError, sendJson } from './http-exchange.ts';
import { type Heard, RecordingMatcher } from './recording-matcher.ts';
import { seededRandom } from './seeded-random.ts';
import type { SimulatedUltravoxOptions } from './simulated-ultravox-options.ts';

export type { ReplyScript, ToolReply } from './engine-reply.ts';
export type { Heard, HeardRecording, Recording } from './recording-matcher.ts';
export type { SimulatedUltravoxOptions } from './simulated-ultravox-options.ts';

export interface SimulatedUltravox {
  /** With the version, as in `http://127.0.0.1:1234/v1`. */
  readonly url: string;
  /** Completions asked for, whatever became of them. */
  readonly requests: number;
  /** Completions that were the first thing asked on their connection: it had to be opened for them. */
  readonly coldRequests: number;
  /** Completions whose client left before their end. */
  readonly aborted: number;
  /** The most requests that were at once between arrival and first token. */
  readonly maxInPrefill: number;
  /** Replies under way past their first token. */
  readonly streaming: number;
  /** What the latest requests with sound held, oldest first; 200 at most. */
  readonly heard: readonly Heard[];
  /** To be changed at will. */
  readonly faults: EngineFaults;
  close(): Promise<void>;
}

/** Listens on the loopback interface. */
export async function startSimulatedUltravox(
  options: SimulatedUltravoxOptions = {},
): Promise<SimulatedUltravox> {
  const engine = new Engine(options);
  const server = createServer((request, response) => void engine.answer(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return engine.open(`http://127.0.0.1:${port}/v1`, server);
}

class Engine {
  readonly #options: SimulatedUltravoxOptions;
  readonly #ear: RecordingMatcher;
  readonly #random: () => number;
  readonly #faults = noFaults();
  readonly #heard: Heard[] = [];
  /** The same sound comes again with every retry, and as a speculative reply is adopted. */
  readonly #known = new Map<string, Promise<Heard>>();
  #requests = 0;
  #coldRequests = 0;
  /** On which something has been asked. */
  readonly #warm = new WeakSet<Socket>();
  #aborted = 0;
  #inPrefill = 0;
  #maxInPrefill = 0;
  #streaming = 0;

  constructor(options: SimulatedUltravoxOptions) {
    this.#options = options;
    this.#ear = new RecordingMatcher(options.recordings ?? []);
    this.#random = seededRandom(options.seed ?? 1);
  }

  open(url: string, server: Server): SimulatedUltravox {
    const engine = this;
    return {
      url,
      faults: this.#faults,
      heard: this.#heard,
      get requests() {
        return engine.#requests;
      },
      get coldRequests() {
        return engine.#coldRequests;
      },
      get aborted() {
        return engine.#aborted;
      },
      get maxInPrefill() {
        return engine.#maxInPrefill;
      },
      get streaming() {
        return engine.#streaming;
      },
      async close() {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      },
    };
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#faults.unreachable) return void request.destroy();
    try {
      const path = `${request.method} ${request.url}`;
      const isCold = !this.#warm.has(request.socket);
      this.#warm.add(request.socket);
      if (path === 'GET /health') response.writeHead(this.#healthStatus).end();
      else if (path === 'GET /metrics') response.end(this.#metrics());
      else if (this.#isForbidden(request)) sendError(response, 401, 'Unauthorized');
      else if (path === 'GET /v1/models') sendJson(response, 200, this.#models());
      else if (path === 'POST /v1/chat/completions') {
        if (isCold) this.#coldRequests++;
        await this.#complete(request, response);
      } else sendError(response, 404, 'Not Found');
    } catch (error) {
      if (response.destroyed) return;
      const status = error instanceof BadRequest ? error.status : 500;
      sendError(response, status, error instanceof Error ? error.message : String(error));
    }
  }

  async #complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const arrivedMs = performance.now();
    this.#requests++;
    response.once('close', () => {
      if (!response.writableEnded && !this.#isBreaking) this.#aborted++;
    });
    this.#inPrefill++;
    this.#maxInPrefill = Math.max(this.#maxInPrefill, this.#inPrefill);
    let completion: Completion | undefined;
    try {
      completion = await this.#prefill(request, response, arrivedMs);
    } finally {
      this.#inPrefill--;
    }
    if (!completion || response.destroyed) return;
    this.#streaming++;
    try {
      const { tokensPerSecond = 75, slowDownPerStream = 0.02 } = this.#options;
      const tokenMs = () =>
        (1000 / tokensPerSecond) * (1 + slowDownPerStream * Math.max(0, this.#streaming - 1));
      await streamCompletion(response, completion, {
        tokenMs,
        faults: this.#faults,
        random: this.#random,
      });
    } finally {
      this.#streaming--;
    }
  }

  /** Reads, checks, listens, and takes its time; nothing when it failed or the client left. */
  async #prefill(
    request: IncomingMessage,
    response: ServerResponse,
    arrivedMs: number,
  ): Promise<Completion | undefined> {
    const body = await bodyOf(request);
    const { httpStatus } = this.#faults;
    if (httpStatus !== undefined) {
      sendError(response, httpStatus, 'The engine is out of order');
      return undefined;
    }
    const rules = { ...this.#faults, maxModelLen: MAX_MODEL_LEN };
    const chat = readChatRequest(body, rules);
    if (this.#faults.tooLong) throw tooLong(MAX_MODEL_LEN + chat.promptTokens, MAX_MODEL_LEN);
    const completion = await this.#compose(chat);
    const firstTokenMs = this.#options.firstTokenMs ?? 150;
    const isHanging = this.#faults.hangBeforeFirstToken;
    const remainingMs = arrivedMs + firstTokenMs - performance.now();
    await untilClosed(response, isHanging ? undefined : Math.max(0, remainingMs));
    return completion;
  }

  async #compose(chat: ChatRequest): Promise<Completion> {
    const heard = await this.#listen(chat);
    const { listens = true } = this.#options;
    const script = this.#options.reply ?? (listens ? repeatBack : ordinaryReply);
    const reply = this.#clerical(chat, heard) ?? script(heard, chat);
    const isTool = typeof reply !== 'string' && !this.#faults.jsonLeak;
    const text = typeof reply === 'string' && !this.#faults.jsonLeak ? reply : leakedJson(reply);
    const deltas = isTool ? toolDeltas(reply) : textDeltas(text);
    const isCut = deltas.length > chat.maxTokens;
    return {
      model: chat.model,
      deltas: deltas.slice(0, chat.maxTokens),
      finishReason: isCut ? 'length' : isTool ? 'tool_calls' : 'stop',
      promptTokens: chat.includeUsage ? chat.promptTokens : undefined,
    };
  }

  /** What no caller hears; undefined for a caller's turn. */
  #clerical(chat: ChatRequest, heard: Heard): string | undefined {
    if (chat.isTranscription) return wordsOf(heard);
    return chat.isSummary ? simulatedSummary(chat.messages) : undefined;
  }

  async #listen({ audio }: ChatRequest): Promise<Heard> {
    if (!audio) return NOTHING_HEARD;
    if (this.#options.listens === false) {
      return { ...NOTHING_HEARD, silent: false, durationMs: audio.samples.length / 8 };
    }
    const known = this.#known.get(audio.data) ?? this.#ear.match(audio.samples);
    this.#known.delete(audio.data);
    this.#known.set(audio.data, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(oldest);
    }
    const heard = await known;
    this.#heard.push(heard);
    if (this.#heard.length > MAX_HEARD) this.#heard.shift();
    return heard;
  }

  get #isBreaking(): boolean {
    return this.#faults.resetAfterTokens !== undefined || this.#faults.unreachable;
  }

  get #healthStatus(): number {
    return isSick(this.#faults) && !this.#faults.healthLies ? 503 : 200;
  }

  #isForbidden(request: IncomingMessage): boolean {
    const { apiKey } = this.#options;
    return apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`;
  }

  #models(): object {
    const id = this.#options.model ?? 'ultravox';
    return { object: 'list', data: [{ id, object: 'model', max_model_len: MAX_MODEL_LEN }] };
  }

  #metrics(): string {
    const label = `{model_name="${this.#options.model ?? 'ultravox'}",engine="0"}`;
    const running = this.#inPrefill + this.#streaming;
    const cache =
      label.replace('}', ',block_size="16",gpu_memory_utilization="0.9"') + CACHE_BLOCKS;
    return (
      `# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running${label} ${running}\n` +
      `# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting${label} 0\n` +
      `# TYPE vllm:kv_cache_usage_perc gauge\nvllm:kv_cache_usage_perc${label} ${running / 64}\n` +
      `# TYPE vllm:cache_config_info gauge\nvllm:cache_config_info${cache} 1.0\n`
    );
  }
}

const MAX_MODEL_LEN = 8192;
/** Of its cache, which is half full at 32 requests. */
const CACHE_BLOCKS = ',num_gpu_blocks="2048"}';
const MAX_KNOWN = 64;
const MAX_HEARD = 200;

const NOTHING_HEARD: Heard = {
  similarity: 0,
  cutStartMs: 0,
  cutEndMs: 0,
  extraMs: 0,
  durationMs: 0,
  silent: true,
  all: [],
};

/** For so long, or for ever, but no longer than the client stays. */
async function untilClosed(response: ServerResponse, ms: number | undefined): Promise<void> {
  if (response.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
  response.once('close', resolve);
  await promise;
  clearTimeout(timer);
  response.removeListener('close', resolve);
}
