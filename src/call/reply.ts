import type { ReplyNote } from '../journal/call-event.ts';
import { ClauseSplitter } from '../tts/clauses.ts';
import type { Voice, VoiceEvent } from '../tts/voice.ts';
import type { EngineEvent, EngineRequest } from '../ultravox/engine-client.ts';
import type { EngineQueue, EngineTicket, Priority } from '../ultravox/engine-queue.ts';
import { engineMs, GaveWayError } from '../ultravox/engine-ticket.ts';
import { leakedToolCall } from '../ultravox/leaked-call.ts';
import { momentOf } from './moment.ts';
import type { ToolCall } from './tool-work.ts';

export interface ReplyHandlers {
  /** A piece of text was given to the voice. */
  onText(piece: string): void;
  onSound(event: VoiceEvent): void;
  /** The model calls a tool; of several calls in one reply only the first counts. */
  onToolCall(call: ToolCall): void;
  /** All of it was given out; or it broke off, before or after some of it. */
  onEnded(error?: Error): void;
}

export interface ReplyOptions {
  /** CallSid, for whoever looks at the queue. */
  owner?: string | undefined;
  queue: EngineQueue;
  voice: Voice;
  language: string;
  request: () => EngineRequest;
  /** Said as they stand: the engine is not asked. */
  words?: string | undefined;
  priority: Priority;
  /** The model speaks of a tool's result. */
  ofResult: boolean;
  /** When it has ended, however it did. */
  onNote(note: ReplyNote): void;
  /** From asking until the engine must have begun, ms. */
  deadlineMs: number;
  /** The engine is asked once this has resolved. */
  ready: Promise<void>;
  signal: AbortSignal;
}

/** No answer can be heard: the model had nothing to say or what must not be said, or no sound came. */
export class ReplyError extends Error {
  override name = 'ReplyError';
}

/**
 * One answer on its way: a place in the engine's queue, the model's text cut into clauses, the
 * clauses spoken by the voice while the model still writes. After cancel() no handler is called.
 */
export class Reply {
  #ticket: EngineTicket | undefined;
  #priority: Priority;
  readonly #abort = new AbortController();
  readonly #options: ReplyOptions;
  readonly #handlers: ReplyHandlers;
  #hasToolCall = false;
  #isNoted = false;
  /** When the output came that completed the first clause. */
  clauseWrittenAt: number | undefined;
  firstPieceAt: number | undefined;
  /** When the first clause was sent to the voice, if that tells. */
  voiceAskedAt: number | undefined;
  firstSoundAt: number | undefined;

  constructor(options: ReplyOptions, handlers: ReplyHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#priority = options.priority;
    const signal = AbortSignal.any([options.signal, this.#abort.signal]);
    void options.ready.then(async () => {
      if (signal.aborted) return;
      const { words } = options;
      await this.#run(words === undefined ? this.#ask(signal).events : said(words), signal);
    });
  }

  /** Undefined until the engine is asked, if it is. */
  get timing(): EngineTicket['timing'] | undefined {
    return this.#ticket?.timing;
  }

  /** How long the engine has worked on it. */
  get engineMs(): number {
    return this.#ticket ? engineMs(this.#ticket.timing) : 0;
  }

  /** How much of that was for nothing, as it had to give way and began again. */
  get lostMs(): number {
    return this.#ticket?.timing.lostMs ?? 0;
  }

  /**
   * The caller waits in silence now: go before everything that does not.
   * @returns false: it had to give way to another caller, and nothing comes of it
   */
  promote(): boolean {
    if (this.#ticket?.promote('waiting') === false) return false;
    this.#priority = 'waiting';
    return true;
  }

  cancel(): void {
    this.#note('cancelled');
    this.#abort.abort();
  }

  /** Once; one that was never asked for is nothing to tell of. */
  #note(how: ReplyNote['how']): void {
    const timing = this.#ticket?.timing;
    if (!timing || this.#isNoted) return;
    this.#isNoted = true;
    this.#options.onNote({
      priority: this.#priority,
      ofResult: this.#options.ofResult,
      askedAt: momentOf(timing.queuedAtMs),
      startedAt: momentOf(timing.startedAtMs),
      firstTokenAt: momentOf(timing.firstTokenAtMs),
      firstClauseAt: momentOf(this.firstPieceAt),
      firstSoundAt: momentOf(this.firstSoundAt),
      endedAt: Date.now(),
      how,
    });
  }

  #ask(signal: AbortSignal): EngineTicket {
    const { queue, request, deadlineMs, owner } = this.#options;
    this.#ticket = queue.submit({ request, priority: this.#priority, deadlineMs, signal, owner });
    return this.#ticket;
  }

  async #run(events: AsyncIterable<EngineEvent>, signal: AbortSignal): Promise<void> {
    const text = new TransformStream<string, string>(undefined, undefined, { highWaterMark: 1000 });
    const speaking = this.#speak(text.readable, signal).catch(asError);
    const writing = this.#write(events, text.writable.getWriter(), signal).catch(asError);
    // Nobody was to hear it yet, and nobody will: the voice need not go on either.
    void writing.then((error) => error instanceof GaveWayError && this.cancel());
    const [spoken, written] = await Promise.all([speaking, writing]);
    if (signal.aborted) return;
    this.#note(spoken || written ? 'failed' : 'completed');
    this.#handlers.onEnded(spoken ?? written);
  }

  /** The model's text into clauses, until it ends or fails; the clauses always end. */
  async #write(
    events: AsyncIterable<EngineEvent>,
    pieces: WritableStreamDefaultWriter<string>,
    signal: AbortSignal,
  ): Promise<undefined> {
    const splitter = new ClauseSplitter();
    let text = '';
    let call: ToolCall | undefined;
    const give = async (piece: string) => {
      if (signal.aborted) return;
      this.clauseWrittenAt ??= this.#ticket?.timing.newestAtMs;
      this.firstPieceAt ??= performance.now();
      this.#handlers.onText(piece);
      await pieces.write(piece);
    };
    try {
      for await (const event of events) {
        if (event.type === 'toolCall') call ??= event;
        if (event.type !== 'text') continue;
        text += event.text;
        for (const piece of splitter.push(event.text)) await give(piece);
      }
      try {
        for (const piece of splitter.flush()) await give(piece);
      } finally {
        // Whoever begins the tool knows all words before it, whether the voice takes them or not.
        if (call) this.#callTool(call, signal);
      }
      // Words before a call make vLLM's parser take the call for words, too.
      const leaked = splitter.leaked ? leakedToolCall(text) : undefined;
      if (leaked) this.#callTool({ id: `call-${crypto.randomUUID()}`, ...leaked }, signal);
    } finally {
      // The voice may have stopped reading; what it failed of is told by #speak.
      await pieces.close().catch(() => undefined);
    }
    if (this.firstPieceAt === undefined && !this.#hasToolCall) {
      throw new ReplyError(`expected words, got ${splitter.leaked ? 'data' : 'nothing'} to say`);
    }
  }

  #callTool({ id, name, argumentsJson }: ToolCall, signal: AbortSignal): void {
    if (this.#hasToolCall || signal.aborted) return;
    this.#hasToolCall = true;
    this.#handlers.onToolCall({ id, name, argumentsJson });
  }

  async #speak(text: AsyncIterable<string>, signal: AbortSignal): Promise<undefined> {
    const { voice, language } = this.#options;
    const onAsked = () => {
      this.voiceAskedAt ??= performance.now();
    };
    for await (const event of voice.speak(text, { signal, language, onAsked })) {
      if (signal.aborted) return;
      if (event.type === 'audio' && event.mulaw.length > 0) {
        this.firstSoundAt ??= performance.now();
      }
      this.#handlers.onSound(event);
    }
    if (this.firstPieceAt !== undefined && this.firstSoundAt === undefined) {
      throw new ReplyError('expected sound for the words, got none');
    }
  }
}

async function* said(text: string): AsyncGenerator<EngineEvent> {
  yield { type: 'text', text };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
