/** vLLM as the program meets it through `fetch`: slow, gone, broken, and a model behind it. */
import { decide, type Output } from './simulated-model.ts';
import { judgeRequest, kindOf, type RequestKind } from './engine-request.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

interface Exchange {
  readonly kind: RequestKind;
  /** Nothing has been put out yet: it takes the slot. */
  isWaiting: boolean;
  readonly break: (error: Error) => void;
}

const encoder = new TextEncoder();

export class SimulatedEngine {
  readonly #world: World;
  readonly #random: Random;
  readonly #exchanges = new Set<Exchange>();
  isUp = true;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** Requests that the program has not let go of. */
  get open(): number {
    return this.#exchanges.size;
  }

  /** Stands in for the global. */
  readonly fetch = (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    if (!String(url).endsWith('/chat/completions')) {
      return Promise.reject(new Error('expected no request but for completions'));
    }
    return this.#answer(JSON.parse(String(init.body)), init.signal ?? new AbortController().signal);
  };

  /** All that it does breaks off, and for so long nobody answers. */
  restart(downMs: number): void {
    this.isUp = false;
    for (const exchange of [...this.#exchanges]) exchange.break(connectionLost());
    this.#world.time.after(downMs, () => {
      this.isUp = true;
    });
  }

  /** The program's process is gone, and with it its connections. */
  forget(): void {
    this.#exchanges.clear();
  }

  #answer(body: Parameters<typeof decide>[0], signal: AbortSignal): Promise<Response> {
    const world = this.#world;
    const { rates, options } = world;
    const kind = kindOf(body);
    const phone = judgeRequest(world, body, kind);
    world.log(`engine asked ${kind} ${phone ?? '-'}`);
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const body_ = new Body(() => this.#leave(exchange, signal, onAbort));
    const fail = (error: Error) => {
      this.#leave(exchange, signal, onAbort);
      reject(error);
      body_.fail(error);
    };
    const exchange: Exchange = { kind, isWaiting: true, break: fail };
    const onAbort = () => fail(signal.reason as Error);
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#exchanges.add(exchange);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#judgeSlot();
    const isCall = kind !== 'warmUp';
    const refused = !this.isUp || world.fault('engineRefused', rates.engineRefused);
    const status = world.fault('engineHttp', rates.engineHttp) ? this.#random.pick([500, 503, 429, 400]) : 200;
    const hangs = isCall && world.fault('engineHangsBefore', rates.engineHangsBefore);
    const slowMs = world.fault('engineSlow', rates.engineSlow) ? this.#random.integer(500, 6000) : 0;
    const firstMs = Math.round(options.firstTokenMs * (0.7 + 0.6 * this.#random.unit())) + slowMs;
    world.time.toProcess(refused ? 2 : status === 200 ? firstMs : 20, () => {
      if (!this.#exchanges.has(exchange)) return;
      if (refused) return fail(connectionRefused());
      if (hangs) return;
      if (status !== 200) {
        resolve(response(status, body_));
        body_.push(encoder.encode('{"error":"no"}'));
        return body_.end();
      }
      resolve(response(200, body_));
      const output = decide(body, { kind, phone, world, random: this.#random });
      this.#stream(exchange, body_, payloadsOf(output, this.#random), output);
    });
    return promise;
  }

  /** Piece after piece, at the pace of the model. */
  #stream(exchange: Exchange, body: Body, payloads: string[], output: Output): void {
    const { time, rates, options } = this.#world;
    const world = this.#world;
    let at = 0;
    const next = () => {
      if (!this.#exchanges.has(exchange)) return;
      if (at > 0 && exchange.isWaiting) exchange.isWaiting = false;
      const isEnd = at >= payloads.length;
      if (isEnd) return body.end();
      const payload = payloads[at++]!;
      if (at > 1 && exchange.kind !== 'warmUp') {
        if (world.fault('engineHangsAfter', rates.engineHangsAfter / payloads.length)) return;
        if (world.fault('engineCutShort', rates.engineCutShort / payloads.length)) {
          const how = this.#random.integer(0, 1);
          return how === 0 ? body.end() : exchange.break(connectionLost());
        }
        if (world.fault('engineGarbage', rates.engineGarbage / payloads.length)) {
          const garbage = this.#random.pick(['{"choices":[{"del', '[]', 'null', '\u0000', '{"choices":{}}']);
          body.push(encoder.encode(`data: ${garbage}\n\n`));
          time.toProcess(options.tokenMs, next);
          return;
        }
        if (world.fault('engineInStream', rates.engineInStream / payloads.length)) {
          body.push(encoder.encode('data: {"error":{"code":500,"message":"x"}}\n\n'));
          return body.end();
        }
      }
      const bytes = encoder.encode(`data: ${payload}\n\n`);
      const cut = this.#random.chance(0.1) ? this.#random.integer(0, bytes.length) : bytes.length;
      body.push(bytes.subarray(0, cut));
      if (cut < bytes.length) body.push(bytes.subarray(cut));
      time.toProcess(options.tokenMs * (output.pace ?? 1), next);
    };
    next();
  }

  #leave(exchange: Exchange, signal: AbortSignal, onAbort: () => void): void {
    signal.removeEventListener('abort', onAbort);
    this.#exchanges.delete(exchange);
  }

  /** Warm-ups and probes do not stand in line. */
  #judgeSlot(): void {
    const { concurrency, wholeReply, maxStreams } = this.#world.options;
    const ofCalls = [...this.#exchanges].filter(({ kind }) => kind !== 'warmUp');
    const inSlot = ofCalls.filter(({ isWaiting }) => wholeReply || isWaiting).length;
    if (inSlot > concurrency) this.#world.violated('slot', `${inSlot} in a slot of ${concurrency}`);
    if (ofCalls.length > maxStreams) {
      this.#world.violated('slot', `${ofCalls.length} replies at once, of at most ${maxStreams}`);
    }
  }
}

/** The stream of a response, for one reader. */
class Body {
  #chunks: Uint8Array[] = [];
  #end: { error?: Error } | undefined;
  #wake: (() => void) | undefined;
  readonly #onLeft: () => void;

  constructor(onLeft: () => void) {
    this.#onLeft = onLeft;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#chunks.push(bytes);
    this.#notify();
  }

  end(): void {
    this.#end ??= {};
    this.#notify();
  }

  fail(error: Error): void {
    this.#end ??= { error };
    this.#notify();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk) yield chunk;
        else if (this.#end?.error) throw this.#end.error;
        else if (this.#end) return;
        else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.#onLeft();
    }
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

/** As much of a Response as the client looks at; a real one would cost more than all the rest. */
function response(status: number, body: Body): Response {
  const headers = new Map([['content-type', 'text/event-stream; charset=utf-8']]);
  return { ok: status === 200, status, headers, body } as unknown as Response;
}

function connectionRefused(): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });
}

function connectionLost(): Error {
  return new TypeError('terminated', { cause: Object.assign(new Error('no'), { code: 'UND_ERR_SOCKET' }) });
}

/** The `data:` payloads of an output. */
function payloadsOf({ text, toolCall, promptTokens }: Output, random: Random): string[] {
  const payloads: string[] = ['{"choices":[{"delta":{"role":"assistant","content":""}}]}'];
  const pieces = text === '' ? [] : piecesOf(text, random.integer(2, 6));
  for (const content of pieces) payloads.push(JSON.stringify({ choices: [{ delta: { content } }] }));
  if (toolCall) {
    const call = { index: 0, id: toolCall.id, function: { name: toolCall.name, arguments: toolCall.argumentsJson } };
    payloads.push(JSON.stringify({ choices: [{ delta: { tool_calls: [call] } }] }));
  }
  const finish_reason = toolCall ? 'tool_calls' : 'stop';
  payloads.push(JSON.stringify({ choices: [{ delta: {}, finish_reason }] }));
  payloads.push(JSON.stringify({ choices: [], usage: { prompt_tokens: promptTokens, completion_tokens: 9 } }));
  payloads.push('[DONE]');
  return payloads;
}

/** So many words at a time. */
function piecesOf(text: string, words: number): string[] {
  const tokens = text.match(/\S+\s*/g) ?? [text];
  const pieces: string[] = [];
  for (let at = 0; at < tokens.length; at += words) pieces.push(tokens.slice(at, at + words).join(''));
  return pieces;
}
