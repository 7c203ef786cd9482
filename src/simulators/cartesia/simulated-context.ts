/** One context of the simulated Cartesia: text comes in by pieces, audio goes out at a set pace. */
import { BYTES_PER_MS } from '../../audio/mulaw.ts';
import type { Word } from '../../tts/voice.ts';
import type { SimulatedSpeech } from './simulated-speech.ts';

/** The knobs of misbehaviour. They may be turned while calls run. */
export interface CartesiaFaults {
  /** Answers the upgrade with this HTTP status. */
  refuseConnect: number | undefined;
  /** Answers every REST request with this HTTP status. */
  restStatus: number | undefined;
  /** Refuses every new context as over the plan's limit. */
  limit: boolean;
  /** Goes silent after so many chunks of a context, and keeps the socket open. */
  stallAfterChunks: number | undefined;
  /** Cuts the socket, without a close frame, after so many chunks of a context. */
  dropAfterChunks: number | undefined;
  /** Reports an error of the server after the second chunk. */
  errorMidStream: boolean;
  /** How many more chunks of a context are sent after it was cancelled. */
  lateChunksAfterCancel: number;
  /** Never says that a context is done. */
  noDone: boolean;
  /** Sends half a JSON message, or this text, after the first chunk. */
  garbageFrame: boolean | string;
}

export interface ContextHost {
  readonly faults: CartesiaFaults;
  readonly speech: SimulatedSpeech;
  readonly firstByteMs: number;
  readonly realTimeFactor: number;
  readonly withTimestamps: boolean;
  send(message: object | string): void;
  /** The context takes no more text, and no longer counts against the plan. */
  ended(state: ContextState): void;
  /** Cuts the socket as a network does. */
  drop(): void;
}

export type ContextState = 'open' | 'finished' | 'cancelled' | 'expired';

/** Cartesia sends about this much audio in a message. */
const CHUNK_MS = 100;
/** A context dies this long after its last audio. */
const CONTEXT_LIFE_MS = 1000;

export class SimulatedContext {
  state: ContextState = 'open';
  readonly #id: string;
  readonly #host: ContextHost;
  readonly #abort = new AbortController();
  #buffered = '';
  #pieces: string[] = [];
  #chunks: { mulaw: Uint8Array; words: Word[] }[] = [];
  #rendering = false;
  #noMoreInputs = false;
  #renderedMs = 0;
  #sentChunks = 0;
  #nextChunkAt = 0;
  #flushId = 0;
  #sendTimer: NodeJS.Timeout | undefined;
  #bufferTimer: NodeJS.Timeout | undefined;
  #lifeTimer: NodeJS.Timeout | undefined;

  constructor(id: string, host: ContextHost) {
    this.#id = id;
    this.#host = host;
  }

  /** Text is spoken at once when the delay is 0; otherwise at a sentence's end, or after the delay. */
  push(text: string, bufferDelayMs: number): void {
    this.#buffered += text;
    if (this.#buffered === '') return;
    clearTimeout(this.#lifeTimer);
    clearTimeout(this.#bufferTimer);
    const complete = /[.!?]\s*$/.test(this.#buffered);
    if (bufferDelayMs === 0 || complete) this.#speakBuffered();
    else this.#bufferTimer = setTimeout(() => this.#speakBuffered(), bufferDelayMs);
  }

  flush(): void {
    this.#speakBuffered();
    this.#flushId++;
    this.#message('flush_done', { done: false, flush_done: true, flush_id: this.#flushId });
  }

  noMoreInputs(): void {
    this.#noMoreInputs = true;
    this.#speakBuffered();
    this.#schedule();
  }

  cancel(): void {
    const late = this.#chunks.slice(0, this.#host.faults.lateChunksAfterCancel);
    this.end('cancelled');
    for (const { mulaw } of late) this.#sendChunk(mulaw);
  }

  end(state: ContextState): void {
    if (this.state !== 'open') return;
    this.state = state;
    this.#abort.abort();
    clearTimeout(this.#sendTimer);
    clearTimeout(this.#bufferTimer);
    clearTimeout(this.#lifeTimer);
    this.#chunks = [];
    this.#host.ended(state);
  }

  #speakBuffered(): void {
    clearTimeout(this.#bufferTimer);
    if (this.#buffered.trim() !== '') {
      this.#pieces.push(this.#buffered);
      this.#nextChunkAt = Math.max(this.#nextChunkAt, performance.now() + this.#host.firstByteMs);
      void this.#render();
    }
    this.#buffered = '';
  }

  async #render(): Promise<void> {
    if (this.#rendering) return;
    this.#rendering = true;
    try {
      for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) {
        await this.#renderPiece(piece);
      }
    } catch (error) {
      if (this.state === 'open') this.#fail(error instanceof Error ? error.message : 'no speech');
    } finally {
      this.#rendering = false;
    }
    this.#schedule();
  }

  async #renderPiece(text: string): Promise<void> {
    const startMs = this.#renderedMs;
    let words: Word[] = [];
    for await (const event of this.#host.speech.render(text, this.#abort.signal)) {
      if (this.state !== 'open') return;
      if (event.type === 'words') {
        words.push(...event.words.map((word) => shifted(word, startMs)));
        continue;
      }
      for (let at = 0; at < event.mulaw.length; at += CHUNK_MS * BYTES_PER_MS) {
        const mulaw = event.mulaw.subarray(at, at + CHUNK_MS * BYTES_PER_MS);
        this.#chunks.push({ mulaw, words });
        words = [];
      }
      this.#renderedMs += event.mulaw.length / BYTES_PER_MS;
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.state !== 'open' || this.#sendTimer) return;
    if (this.#sentChunks >= (this.#host.faults.stallAfterChunks ?? Infinity)) return;
    if (this.#chunks.length > 0) {
      const waitMs = Math.max(0, this.#nextChunkAt - performance.now());
      this.#sendTimer = setTimeout(() => this.#sendNext(), waitMs);
    } else if (!this.#rendering && this.#pieces.length === 0) this.#rest();
  }

  /** Nothing to say for now: done, or waiting for text until the context's life is over. */
  #rest(): void {
    if (this.#noMoreInputs) {
      this.end('finished');
      if (!this.#host.faults.noDone) this.#message('done', { done: true });
      return;
    }
    clearTimeout(this.#lifeTimer);
    if (this.#sentChunks > 0) {
      this.#lifeTimer = setTimeout(() => this.end('expired'), CONTEXT_LIFE_MS);
    }
  }

  #sendNext(): void {
    this.#sendTimer = undefined;
    const { faults } = this.#host;
    const chunk = this.#chunks.shift()!;
    this.#sendChunk(chunk.mulaw);
    this.#sentChunks++;
    if (this.#host.withTimestamps && chunk.words.length > 0) this.#sendWords(chunk.words);
    if (faults.garbageFrame && this.#sentChunks === 1) {
      const { garbageFrame } = faults;
      this.#host.send(garbageFrame === true ? '{"type":"chunk","da' : garbageFrame);
    }
    if (faults.errorMidStream && this.#sentChunks === 2) this.#fail('Internal error');
    if (this.#sentChunks === faults.dropAfterChunks) this.#host.drop();
    const chunkMs = chunk.mulaw.length / BYTES_PER_MS;
    const paceMs = chunkMs / this.#host.realTimeFactor;
    this.#nextChunkAt = Math.max(this.#nextChunkAt + paceMs, performance.now());
    this.#schedule();
  }

  #sendChunk(mulaw: Uint8Array): void {
    const data = Buffer.from(mulaw.buffer, mulaw.byteOffset, mulaw.length).toString('base64');
    this.#message('chunk', { data, done: false, step_time: 10 });
  }

  #sendWords(words: readonly Word[]): void {
    this.#message('timestamps', {
      done: false,
      word_timestamps: {
        words: words.map((word) => word.text),
        start: words.map((word) => word.startMs / 1000),
        end: words.map((word) => word.endMs / 1000),
      },
    });
  }

  #fail(message: string): void {
    this.end('finished');
    const fields = { done: true, error_code: 'internal_error', title: 'Error', message };
    this.#host.send({ type: 'error', context_id: this.#id, status_code: 500, ...fields });
  }

  #message(type: string, fields: object): void {
    this.#host.send({ type, context_id: this.#id, status_code: 206, ...fields });
  }
}

function shifted(word: Word, byMs: number): Word {
  return { text: word.text, startMs: word.startMs + byMs, endMs: word.endMs + byMs };
}
