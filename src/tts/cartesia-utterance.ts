/**
 * One reply in Cartesia's voice. Its text goes into one context for as long as that lives: a context
 * dies 1 s after its last audio, so when the writer pauses for longer the rest goes into a new one.
 */
import { randomUUID } from 'node:crypto';
import type { GenerationRequest, WebsocketResponse } from '@cartesia/cartesia-js/resources/tts';
import { BYTES_PER_MS } from '../audio/mulaw.ts';
import type { CartesiaConnection } from './cartesia-connection.ts';
import { EventQueue } from './event-queue.ts';
import { countLetters } from './letters.ts';
import { VoiceError, type VoiceErrorKind, type VoiceEvent, type Word } from './voice.ts';

export type UtteranceSettings = Pick<
  GenerationRequest,
  'model_id' | 'voice' | 'language' | 'output_format' | 'add_timestamps' | 'max_buffer_delay_ms'
>;

export interface UtteranceOptions {
  settings: UtteranceSettings;
  chunkTimeoutMs: number;
  /** Text was sent. */
  onAsked?: (() => void) | undefined;
}

/** Where the silence begins after which a context is taken for dead; it really is after 1,000 ms. */
const CONTEXT_STALE_MS = 800;
const CONTEXT_LIFE_MS = 1000;
/** More than any reply: a server that does not stop is broken. */
const MAX_AUDIO_MS = 180_000;

export class CartesiaUtterance {
  readonly events = new EventQueue<VoiceEvent>();
  readonly #options: UtteranceOptions;
  #connection: CartesiaConnection | undefined;
  #contextId: string | undefined;
  /** Audio of the contexts before this one: word times begin anew in each. */
  #offsetMs = 0;
  #audioMs = 0;
  #lastWordEndMs = 0;
  #lettersOwed = 0;
  #lastAudioAt = 0;
  #awaitsAudio = false;
  #complete = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UtteranceOptions) {
    this.#options = options;
  }

  /** True while the pushed text belongs to a context that still takes more. */
  get hasContext(): boolean {
    if (this.#contextId === undefined) return false;
    const quietMs = performance.now() - this.#lastAudioAt;
    return this.#awaitsAudio || !this.#allSpoken || quietMs < CONTEXT_STALE_MS;
  }

  /** Puts what follows into a new context. */
  open(connection: CartesiaConnection): void {
    this.#leaveContext(true);
    this.#offsetMs = this.#audioMs;
    this.#lettersOwed = 0;
    this.#connection = connection;
    this.#contextId = randomUUID();
    connection.listen(this.#contextId, {
      event: (event) => this.#receive(event),
      lost: (error) => this.#lose(error),
    });
  }

  push(transcript: string): void {
    this.#lettersOwed += countLetters(transcript);
    this.#awaitsAudio = true;
    this.#send(transcript, true);
    this.#options.onAsked?.();
    this.#restartTimer();
  }

  /** No more text: the events end when all is spoken. */
  complete(): void {
    this.#complete = true;
    if (this.hasContext) {
      this.#send('', false);
      this.#restartTimer();
    } else this.#end();
  }

  /** Tells Cartesia to stop, and drops what has come and was not taken. */
  abort(reason: unknown): void {
    this.#leaveContext(true);
    this.events.abort(reason);
  }

  /** Every word of the text is timed, and its audio is here. */
  get #allSpoken(): boolean {
    return this.#lettersOwed <= 0 && this.#audioMs >= this.#lastWordEndMs - 20;
  }

  #receive(event: WebsocketResponse): void {
    if (event.type === 'chunk') this.#receiveAudio(event.audio);
    else if (event.type === 'timestamps') this.#receiveWords(event.word_timestamps);
    else if (event.type === 'done') this.#receiveDone();
    else if (event.type === 'error') this.fail(errorOf(event));
  }

  #receiveAudio(mulaw: unknown): void {
    if (!(mulaw instanceof Uint8Array)) {
      this.fail(garbage('a chunk without audio'));
      return;
    }
    if (mulaw.length === 0) return;
    this.#audioMs += mulaw.length / BYTES_PER_MS;
    if (this.#audioMs > MAX_AUDIO_MS) {
      this.fail(garbage(`over ${MAX_AUDIO_MS} ms of audio`));
      return;
    }
    this.#lastAudioAt = performance.now();
    this.#awaitsAudio = false;
    this.events.push({ type: 'audio', mulaw });
    this.#restartTimer();
  }

  #receiveWords(timestamps: unknown): void {
    const words = parseWords(timestamps, this.#offsetMs);
    if (!words) {
      this.fail(garbage('word timestamps of another shape'));
      return;
    }
    for (const word of words) this.#lettersOwed -= countLetters(word.text);
    this.#lastWordEndMs = words.at(-1)?.endMs ?? this.#lastWordEndMs;
    this.events.push({ type: 'words', words });
  }

  /** A connection that is lost between two sentences costs nothing: the next one opens a context. */
  #lose(error: VoiceError): void {
    if (this.#awaitsAudio || !this.#allSpoken) this.fail(error);
    else if (this.#complete) this.#end();
    else this.#leaveContext(false);
  }

  #receiveDone(): void {
    // Another voice can still say it.
    if (this.#audioMs === 0) this.fail(new VoiceError('failed', 'the context ended without sound'));
    // A context that the server gave up before: text that comes now opens another.
    else if (this.#complete) this.#end();
    else if (this.#awaitsAudio)
      this.fail(new VoiceError('failed', 'the context ended before its text'));
    else this.#leaveContext(false);
  }

  #send(transcript: string, more: boolean): void {
    this.#connection?.send({
      ...this.#options.settings,
      context_id: this.#contextId!,
      transcript,
      continue: more,
    });
  }

  /** Runs only while Cartesia owes us something: the writer may pause for as long as it likes. */
  #restartTimer(): void {
    clearTimeout(this.#timer);
    if (!this.#awaitsAudio && !this.#complete) return;
    const ended = this.#complete && this.#allSpoken;
    const waitMs = ended ? CONTEXT_LIFE_MS : this.#options.chunkTimeoutMs;
    this.#timer = setTimeout(() => this.#expire(waitMs), waitMs);
  }

  #expire(waitedMs: number): void {
    // Everything was spoken, only the `done` is missing.
    if (this.#complete && this.#allSpoken) this.#end();
    else this.fail(new VoiceError('stalled', `expected audio from Cartesia within ${waitedMs} ms`));
  }

  #end(): void {
    this.#leaveContext(false);
    this.events.end();
  }

  /** What has come is still given out, then the error is thrown. */
  fail(error: unknown): void {
    this.#leaveContext(true);
    this.events.fail(error);
  }

  #leaveContext(cancel: boolean): void {
    clearTimeout(this.#timer);
    if (this.#contextId === undefined) return;
    // In this order: a retired connection closes with its last listener.
    if (cancel) this.#connection?.send({ cancel: true, context_id: this.#contextId });
    this.#connection?.unlisten(this.#contextId);
    this.#contextId = undefined;
  }
}

function parseWords(timestamps: unknown, offsetMs: number): Word[] | undefined {
  const { words, start, end } = (timestamps ?? {}) as Record<string, unknown>;
  if (!Array.isArray(words) || !Array.isArray(start) || !Array.isArray(end)) return undefined;
  const parsed = words.map((text: unknown, i) => ({
    text: String(text),
    startMs: offsetMs + Number(start[i]) * 1000,
    endMs: offsetMs + Number(end[i]) * 1000,
  }));
  return parsed.every((word) => Number.isFinite(word.startMs + word.endMs)) ? parsed : undefined;
}

function garbage(what: string): VoiceError {
  return new VoiceError('garbage', `expected Cartesia's protocol, got ${what}`);
}

/** Takes the codes only: a title or a message may repeat the text. */
function errorOf(event: { status_code?: unknown; error_code?: unknown }): VoiceError {
  const status = Number(event.status_code);
  const kinds: Record<number, VoiceErrorKind> = {
    401: 'refused',
    403: 'refused',
    404: 'refused',
    429: 'limited',
  };
  const code = typeof event.error_code === 'string' ? ` ${event.error_code.slice(0, 60)}` : '';
  return new VoiceError(kinds[status] ?? 'failed', `Cartesia answered with error ${status}${code}`);
}
