/** One socket of the simulated Cartesia: checks what the client sends, and keeps its contexts. */
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { MODELS } from './simulated-catalogue.ts';
import { type CartesiaFaults, type ContextState, SimulatedContext } from './simulated-context.ts';
import type { SimulatedSpeech } from './simulated-speech.ts';

export interface SessionHost {
  readonly faults: CartesiaFaults;
  readonly speech: SimulatedSpeech;
  readonly firstByteMs: number;
  readonly realTimeFactor: number;
  isFull(): boolean;
  received(message: SimulatedRequest): void;
}

const cancelRequest = z.object({ context_id: z.string(), cancel: z.literal(true) });

const generationRequest = z.object({
  context_id: z.string().min(1),
  model_id: z.string(),
  transcript: z.string().max(10_000),
  voice: z.union([z.string(), z.object({ id: z.string() })]),
  output_format: z.object({
    container: z.literal('raw'),
    encoding: z.literal('pcm_mulaw'),
    sample_rate: z.literal(8000),
  }),
  language: z.string().optional(),
  continue: z.boolean().default(false),
  flush: z.boolean().default(false),
  max_buffer_delay_ms: z.number().min(0).max(5000).default(3000),
  add_timestamps: z.boolean().default(false),
});

type GenerationRequest = z.infer<typeof generationRequest>;
export type SimulatedRequest = GenerationRequest | z.infer<typeof cancelRequest>;

const MAX_ENDED = 1000;

export class SimulatedSession {
  readonly #socket: WebSocket;
  readonly #host: SessionHost;
  readonly #open = new Map<string, { context: SimulatedContext; settings: string }>();
  /** How the latest contexts ended: what comes for them is an error. */
  readonly #ended = new Map<string, ContextState>();

  constructor(socket: WebSocket, host: SessionHost) {
    this.#socket = socket;
    this.#host = host;
    socket.on('message', (data) => this.#receive(data.toString()));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      for (const { context } of [...this.#open.values()]) context.end('cancelled');
    });
  }

  get openContexts(): number {
    return this.#open.size;
  }

  drop(): void {
    this.#socket.terminate();
  }

  close(): void {
    this.#socket.close(1000, 'idle');
  }

  #receive(text: string): void {
    const request = parse(text);
    if ('problem' in request) {
      this.#refuse(400, 'bad_request', request.problem);
      return;
    }
    this.#host.received(request);
    if ('cancel' in request) this.#open.get(request.context_id)?.context.cancel();
    else this.#generate(request);
  }

  #generate(request: GenerationRequest): void {
    const id = request.context_id;
    const ended = this.#ended.get(id);
    const settings = settingsOf(request);
    const open = this.#open.get(id);
    if (ended) this.#refuse(400, 'context_closed', `the context is ${ended}`, id);
    else if (open && open.settings !== settings) {
      const problem = 'only transcript, continue and flush may change within a context';
      this.#refuse(400, 'bad_request', problem, id);
    } else if (open) feed(open.context, request);
    else if (!MODELS.has(request.model_id)) {
      this.#refuse(404, 'model_not_found', 'the model does not exist', id);
    } else if (this.#host.faults.limit || this.#host.isFull()) {
      const problem = "You have exceeded your plan's concurrency limit.";
      this.#refuse(429, 'concurrency_limited', problem, id);
    } else feed(this.#openContext(request, settings), request);
  }

  #openContext(request: GenerationRequest, settings: string): SimulatedContext {
    const id = request.context_id;
    const context = new SimulatedContext(id, {
      faults: this.#host.faults,
      speech: this.#host.speech,
      firstByteMs: this.#host.firstByteMs,
      realTimeFactor: this.#host.realTimeFactor,
      withTimestamps: request.add_timestamps,
      send: (message) => this.#send(message),
      ended: (state) => {
        this.#open.delete(id);
        if (this.#ended.size >= MAX_ENDED) this.#ended.delete(this.#ended.keys().next().value!);
        this.#ended.set(id, state);
      },
      drop: () => this.drop(),
    });
    this.#open.set(id, { context, settings });
    return context;
  }

  #refuse(status: number, code: string, message: string, contextId?: string): void {
    this.#send({
      type: 'error',
      done: true,
      status_code: status,
      error_code: code,
      title: status === 429 ? 'Too many concurrent requests' : 'Bad request',
      message,
      request_id: randomUUID(),
      ...(contextId === undefined ? null : { context_id: contextId }),
    });
  }

  #send(message: object | string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }
}

function feed(context: SimulatedContext, request: GenerationRequest): void {
  context.push(request.transcript, request.max_buffer_delay_ms);
  if (request.flush) context.flush();
  if (!request.continue) context.noMoreInputs();
}

function parse(text: string): SimulatedRequest | { problem: string } {
  try {
    const json: unknown = JSON.parse(text);
    const cancel = cancelRequest.safeParse(json);
    return cancel.success ? cancel.data : generationRequest.parse(json);
  } catch (error) {
    if (!(error instanceof z.ZodError)) return { problem: 'expected JSON' };
    return { problem: error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ') };
  }
}

function settingsOf(request: GenerationRequest): string {
  const { transcript: _, continue: __, flush: ___, ...settings } = request;
  return JSON.stringify(settings);
}
