/** The engine's client: real parsing, real deadlines, over a stream in memory or a real connection. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EngineClient, type EngineEvent } from '../../src/ultravox/engine-client.ts';
import { EngineError } from '../../src/ultravox/engine-error.ts';
import { type CompletionInput, drawCompletionCase } from './completion-case.ts';
import { type FuzzTarget, mustHold, Reached } from './fuzz-target.ts';

const DEADLINES = { firstTokenMs: 10_000, betweenTokensMs: 10_000 };
const MAX_TEXT_CHARS = 16_384;
const MAX_TOOL_CALLS = 8;
/** Above it, what is told first of two faults depends on where the stream was cut. */
const COMPARED_BYTES = 60_000;

export async function completionTarget(): Promise<FuzzTarget<CompletionInput>> {
  const reached = new Reached();
  const engine = await FuzzedEngine.start();
  return {
    inputs: 'SSE chunks',
    concurrency: 4,
    reached,
    draw: drawCompletionCase,
    async run(inputs) {
      const answering = engine.answering(inputs);
      const outcome = await outcomeOf(answering.client, reached);
      answering.forget();
      const bytes = bytesOf(inputs);
      const isPlain = inputs.every((input) => 'chunk' in input || 'loopback' in input);
      if (isPlain && bytes.length <= COMPARED_BYTES) {
        const whole = engine.answering([{ chunk: bytes.toString('latin1') }]);
        const other = await outcomeOf(whole.client, reached);
        whole.forget();
        mustHold(
          outcome === other,
          `expected the same of the same bytes, got ${outcome}\n  and in one piece ${other}`,
        );
      }
      return answering.chunks;
    },
    close: () => engine.close(),
  };
}

/** What the reply came to, as text: its events, then how it ended. */
async function outcomeOf(client: EngineClient, reached: Reached): Promise<string> {
  const judge = new ReplyJudge();
  try {
    const request = { messages: [], maxTokens: 100, temperature: 0 };
    for await (const event of client.stream(request, new AbortController().signal)) {
      judge.take(event);
    }
    mustHold(judge.isFinished, 'expected a reply without an error to be finished');
    reached.note('finished');
    if (judge.tools > 0) reached.note('finished with tool calls');
    return judge.told;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const message = error.message;
    mustHold(message.length < 200, `expected a short message, got ${message.length} characters`);
    reached.note(error.kind);
    return `${judge.told} ${error.kind}`;
  }
}

/** The promises of a reply's events. */
class ReplyJudge {
  isFinished = false;
  tools = 0;
  #text = '';
  #rest = '';
  #chars = 0;

  get told(): string {
    return JSON.stringify(this.#text) + this.#rest;
  }

  take(event: EngineEvent): void {
    mustHold(!this.isFinished, `expected nothing after the end, got ${event.type}`);
    if (event.type === 'text') {
      this.#takeText(event.text);
      return;
    }
    this.#rest += JSON.stringify(event);
    if (event.type === 'finished') {
      this.isFinished = true;
      const { promptTokens = 0, completionTokens = 0 } = event.usage ?? {};
      const isTyped = typeof promptTokens === 'number' && typeof completionTokens === 'number';
      mustHold(typeof event.reason === 'string' && isTyped, 'expected a typed end');
      return;
    }
    this.tools += 1;
    this.#chars += event.name.length + event.argumentsJson.length;
    const isTyped = typeof event.id === 'string' && typeof event.argumentsJson === 'string';
    mustHold(isTyped && event.name !== '', 'expected a typed tool call with a name');
    mustHold(this.tools <= MAX_TOOL_CALLS, `expected few tool calls, got ${this.tools}`);
    mustHold(this.#chars <= MAX_TEXT_CHARS, `expected short tool calls, got ${this.#chars}`);
  }

  #takeText(text: string): void {
    mustHold(typeof text === 'string' && text !== '', 'expected text with something in it');
    this.#text += text;
    mustHold(this.#text.length <= MAX_TEXT_CHARS, `expected a bounded text`);
  }
}

function bytesOf(inputs: readonly CompletionInput[]): Buffer {
  return Buffer.concat(
    inputs.map((input) => Buffer.from('chunk' in input ? input.chunk : '', 'latin1')),
  );
}

/** One case, for as long as it is asked for. */
interface Answering {
  readonly inputs: readonly CompletionInput[];
  readonly client: EngineClient;
  /** That were asked for, or that the network took: after an error nothing more is. */
  chunks: number;
  forget(): void;
}

/** Answers by what a case says. Requests name their case in the URL's path. */
class FuzzedEngine {
  readonly #server: Server;
  readonly #cases = new Map<string, Answering>();
  readonly #fetch = globalThis.fetch;

  private constructor() {
    this.#server = createServer((request, response) => {
      request.resume();
      request.on('end', () => void this.#answer(request.url ?? '', response));
    });
    globalThis.fetch = (url, init) => {
      const answering = this.#caseOf(String(url));
      const isReal = !answering || answering.inputs.some((input) => 'loopback' in input);
      return isReal ? this.#fetch(url, init) : Promise.resolve(responseOf(answering));
    };
  }

  static async start(): Promise<FuzzedEngine> {
    const engine = new FuzzedEngine();
    await new Promise<void>((resolve) => engine.#server.listen(0, '127.0.0.1', resolve));
    return engine;
  }

  answering(inputs: readonly CompletionInput[]): Answering {
    const id = crypto.randomUUID();
    const { port } = this.#server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/${id}/v1`;
    const client = new EngineClient({ url, model: 'ultravox', ...DEADLINES });
    const forget = () => void this.#cases.delete(id);
    const answering = { inputs, client, chunks: 0, forget };
    this.#cases.set(id, answering);
    return answering;
  }

  async close(): Promise<void> {
    globalThis.fetch = this.#fetch;
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #caseOf(url: string): Answering | undefined {
    return this.#cases.get(/\/([0-9a-f-]{36})\//.exec(url)?.[1] ?? '');
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    const answering = this.#caseOf(url);
    const inputs = answering?.inputs ?? [];
    const { status, contentType } = headOf(inputs);
    response.writeHead(status, { 'content-type': contentType });
    for (const input of inputs) {
      if ('breaks' in input) return void response.destroy();
      if (!('chunk' in input) || !answering) continue;
      answering.chunks += 1;
      await new Promise((resolve) => response.write(Buffer.from(input.chunk, 'latin1'), resolve));
    }
    response.end();
  }
}

function headOf(inputs: readonly CompletionInput[]): { status: number; contentType: string } {
  const head = inputs.find((input) => 'status' in input);
  return head ?? { status: 200, contentType: 'text/event-stream; charset=utf-8' };
}

function responseOf(answering: Answering): Response {
  const { status, contentType } = headOf(answering.inputs);
  const left = answering.inputs.values();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.next();
      if (next.done) return controller.close();
      // As undici says it.
      if ('breaks' in next.value) return controller.error(new TypeError('terminated'));
      answering.chunks += 1;
      const chunk = 'chunk' in next.value ? next.value.chunk : '';
      controller.enqueue(new Uint8Array(Buffer.from(chunk, 'latin1')));
    },
  });
  return new Response(body, { status, headers: { 'content-type': contentType } });
}
