/** One request to the engine and what becomes of it: an answer at the model's pace, or less than that. */
import type { RequestBody, RequestKind } from './engine-request.ts';
import { judgeWork } from './judge-asking.ts';
import type { Random } from './random.ts';
import { ResponseBody } from './response-body.ts';
import { decide, type Output } from './simulated-model.ts';
import type { World } from './world.ts';

export interface ExchangeOptions {
  world: World;
  random: Random;
  request: RequestBody;
  kind: RequestKind;
  phone: number | undefined;
  signal: AbortSignal;
  /** Nobody answers at its address. */
  isDown: boolean;
  /** The program has let go of it, or it of the program. */
  onLeft(exchange: EngineExchange): void;
}

const encoder = new TextEncoder();

export class EngineExchange {
  readonly kind: RequestKind;
  /** Nothing has been put out yet: it takes the slot. */
  isWaiting = true;
  #isOpen = true;
  readonly #askedMs: number;
  readonly #options: ExchangeOptions;
  readonly #answer = Promise.withResolvers<Response>();
  readonly #body = new ResponseBody(() => this.#leave());
  readonly #onAbort = () => this.break(this.#options.signal.reason as Error);

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.kind = options.kind;
    this.#askedMs = options.world.time.nowMs;
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#begin();
  }

  get answer(): Promise<Response> {
    return this.#answer.promise;
  }

  /** The connection is gone. */
  break(error: Error): void {
    this.#leave();
    this.#answer.reject(error);
    this.#body.end(error);
  }

  #leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#options.onLeft(this);
  }

  #begin(): void {
    const { world, random, isDown } = this.#options;
    const { rates, options } = world;
    const isRefused = isDown || world.fault('engineRefused', rates.engineRefused);
    const isError = world.fault('engineHttp', rates.engineHttp);
    // A warm-up may take a quarter of an hour before it is given up: the rest would wait for it.
    const mayHang = this.kind !== 'warmUp';
    const hangs = mayHang && world.fault('engineHangsBefore', rates.engineHangsBefore);
    const isSlow = world.fault('engineSlow', rates.engineSlow);
    const slowMs = isSlow ? random.integer(500, 6000) : 0;
    const firstMs = Math.round(options.firstTokenMs * (0.7 + 0.6 * random.unit())) + slowMs;
    world.time.toProcess(isRefused || isError ? QUICK_MS : firstMs, () => {
      if (!this.#isOpen || hangs) return;
      if (isRefused) this.break(failed('fetch failed', 'ECONNREFUSED'));
      else if (isError) this.#refuse(random.pick([500, 503, 429, 400]));
      else this.#speak();
    });
  }

  #refuse(status: number): void {
    this.#answer.resolve(this.#body.response(status));
    this.#body.push(encoder.encode('{"error":"no"}'));
    this.#body.end();
  }

  /** Piece after piece. */
  #speak(): void {
    const { world, random, request, kind, phone } = this.#options;
    this.#answer.resolve(this.#body.response(200));
    const output = decide(request, { kind, phone, world, random });
    const payloads = payloadsOf(output, random);
    const rest = payloads.values();
    const next = () => {
      if (!this.#isOpen) return;
      this.#judgeWork();
      const { value, done } = rest.next();
      if (done) return this.#body.end();
      if (value !== payloads[0]) {
        this.isWaiting = false;
        if (this.#breaksDown(1 / payloads.length)) return;
      }
      this.#push(value);
      world.time.toProcess(world.options.tokenMs, next);
    };
    next();
  }

  /** Of what is done in the background nobody gives up. */
  #judgeWork(): void {
    const { world, phone: index, kind } = this.#options;
    const phone = world.phones[index ?? -1];
    const isAnswer = kind === 'answer' || kind === 'ofResult';
    if (phone && isAnswer) judgeWork(world, 'the engine', phone, this.#askedMs);
  }

  #push(payload: string): void {
    const { random } = this.#options;
    const bytes = encoder.encode(`data: ${payload}\n\n`);
    const cutAt = random.chance(0.1) ? random.integer(0, bytes.length) : bytes.length;
    this.#body.push(bytes.subarray(0, cutAt));
    this.#body.push(bytes.subarray(cutAt));
  }

  /** @returns whether nothing more comes */
  #breaksDown(share: number): boolean {
    const { world, random } = this.#options;
    const { rates } = world;
    if (this.kind === 'warmUp') return false;
    if (world.fault('engineHangsAfter', rates.engineHangsAfter * share)) return true;
    if (world.fault('engineCutShort', rates.engineCutShort * share)) {
      if (random.chance(0.5)) this.#body.end();
      else this.break(failed('terminated', 'UND_ERR_SOCKET'));
      return true;
    }
    if (world.fault('engineInStream', rates.engineInStream * share)) {
      this.#push('{"error":{"code":500,"message":"x"}}');
      this.#body.end();
      return true;
    }
    if (world.fault('engineGarbage', rates.engineGarbage * share)) this.#push(random.pick(GARBAGE));
    return false;
  }
}

/** A refusal, or an error of the HTTP server, takes no model. */
const QUICK_MS = 3;
const GARBAGE = ['{"choices":[{"del', '[]', 'null', '\u0000', '{"choices":{}}'];

/** As undici says it. */
export function failed(message: string, code: string): Error {
  return new TypeError(message, { cause: Object.assign(new Error(code), { code }) });
}

/** The `data:` payloads of an output; the first has no output in it. */
function payloadsOf({ text, toolCall, promptTokens }: Output, random: Random): string[] {
  const deltas: object[] = [{ role: 'assistant', content: '' }];
  const pieces = text === '' ? [] : piecesOf(text, random.integer(2, 6));
  for (const content of pieces) deltas.push({ content });
  if (toolCall) {
    const { id, name, argumentsJson } = toolCall;
    const call = { index: 0, id, function: { name, arguments: argumentsJson } };
    deltas.push({ tool_calls: [call] });
  }
  const finish_reason = toolCall ? 'tool_calls' : 'stop';
  const usage = { prompt_tokens: promptTokens, completion_tokens: 9 };
  return [
    ...deltas.map((delta) => JSON.stringify({ choices: [{ delta }] })),
    JSON.stringify({ choices: [{ delta: {}, finish_reason }] }),
    JSON.stringify({ choices: [], usage }),
    '[DONE]',
  ];
}

/** So many words at a time. */
function piecesOf(text: string, words: number): string[] {
  const tokens = text.match(/\S+\s*/g) ?? [text];
  const pieces: string[] = [];
  for (let at = 0; at < tokens.length; at += words) {
    pieces.push(tokens.slice(at, at + words).join(''));
  }
  return pieces;
}
