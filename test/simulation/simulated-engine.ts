/** vLLM as the program meets it through `fetch`: slow, gone, broken, and a model behind it. */
import { EngineExchange, failed } from './engine-exchange.ts';
import { judgeRequest, kindOf, type RequestBody } from './engine-request.ts';
import { judgeAsking, judgeLine } from './judge-asking.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

export class SimulatedEngine {
  readonly #world: World;
  readonly #random: Random;
  readonly #exchanges = new Set<EngineExchange>();
  #isUp = true;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  /** Requests of calls that the program has not let go of; it may probe at any time. */
  get open(): number {
    return this.#ofCalls.length;
  }

  /** Stands in for the global. */
  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    // Only to have a connection.
    if (url.endsWith('/health')) return new Response();
    if (!url.endsWith('/chat/completions')) {
      throw new Error('expected requests for completions only');
    }
    const { signal } = init;
    signal?.throwIfAborted();
    const request = JSON.parse(String(init.body)) as RequestBody;
    const kind = kindOf(request);
    const phone = judgeRequest(this.#world, request, kind);
    this.#world.log(`engine asked ${kind} ${phone ?? '-'}`);
    judgeAsking(this.#world, kind, phone);
    const exchange = new EngineExchange({
      world: this.#world,
      random: this.#random,
      request,
      kind,
      phone,
      signal: signal ?? new AbortController().signal,
      isDown: !this.#isUp,
      onLeft: (left) => {
        this.#exchanges.delete(left);
        judgeLine(this.#world);
      },
    });
    this.#exchanges.add(exchange);
    this.#judgeSlot();
    return exchange.answer;
  };

  /** All that it does breaks off, and for so long nobody answers. */
  restart(downMs: number): void {
    this.#isUp = false;
    for (const exchange of [...this.#exchanges]) {
      exchange.break(failed('terminated', 'UND_ERR_SOCKET'));
    }
    this.#world.time.after(downMs, () => this.comeBack());
  }

  comeBack(): void {
    this.#isUp = true;
  }

  /** The program's process is gone, and with it its connections. */
  forget(): void {
    this.#exchanges.clear();
  }

  /** Warm-ups and probes do not stand in line. */
  get #ofCalls(): EngineExchange[] {
    return [...this.#exchanges].filter(({ kind }) => kind !== 'warmUp');
  }

  #judgeSlot(): void {
    const { concurrency, wholeReply, maxStreams } = this.#world.options;
    const ofCalls = this.#ofCalls;
    const inSlot = ofCalls.filter(({ isWaiting }) => wholeReply || isWaiting).length;
    if (inSlot > concurrency) this.#world.violated('slot', `${inSlot} in a slot of ${concurrency}`);
    if (ofCalls.length > maxStreams) {
      this.#world.violated('slot', `${ofCalls.length} replies at once, of at most ${maxStreams}`);
    }
  }
}
