/** The media stream of one call: what a caller says comes in, `playback` goes out. */
import type { RawData, WebSocket } from 'ws';
import { BYTES_PER_MS } from '../audio/mulaw.ts';
import { InboundGaps } from './inbound-gaps.ts';
import { LiveSending } from './live-sending.ts';
import { MediaFrame } from './media-frame.ts';
import {
  type InboundMessage,
  type MediaMessage,
  MediaMessageError,
  parseMessage,
} from './media-message.ts';
import { MediaStreamError } from './media-stream-error.ts';
import { Playback } from './playback.ts';
import { SilentSocket } from './silent-socket.ts';
import { StreamOpening } from './stream-opening.ts';

export { MediaStreamError };

export interface StreamStart {
  callSid: string;
  streamSid: string;
  accountSid: string;
  customParameters: ReadonlyMap<string, string>;
}

export interface MediaStreamHandlers {
  /** As long as Twilio's frames. Its bytes are written over by those of the next frame. */
  onAudio(mulaw: Uint8Array, timestampMs: number): void;
  /** The network lost what was said here; at most 20 ms of noise take its place, in order. */
  onLost(mulaw: Uint8Array, timestampMs: number): void;
  onDigit(digit: string): void;
  /** Once: Twilio ended the stream, or the socket closed without a word. */
  onEnded(how: 'stop' | 'closed'): void;
  /** A message that was ignored; `count` is how many of its kind there were. */
  onProblem(kind: string, count: number): void;
}

export interface MediaStreamOptions {
  /** How long a silent socket is believed to live; Twilio sends a frame every 20 ms. */
  silentSocketMs?: number;
}

/**
 * Waits for `connected` and `start`. Until `verify` has agreed nothing is kept of the stream; one
 * that does not begin properly is closed with 1008.
 * @param options.verify is called at most once, and is where a token is redeemed.
 * @throws {MediaStreamError}
 */
export function acceptMediaStream(
  socket: WebSocket,
  options: MediaStreamOptions & { firstMessagesMs: number; verify(start: StreamStart): boolean },
): Promise<MediaStream> {
  return new Promise((resolve, reject) => {
    const opening = new StreamOpening();
    const settle = () => {
      clearTimeout(timer);
      socket.off('message', onMessage).off('close', onClose);
    };
    const refuse = (error: MediaStreamError) => {
      settle();
      closeBounded(socket, POLICY_VIOLATION);
      reject(error);
    };
    const onClose = () => {
      settle();
      reject(new MediaStreamError('closed', 'expected "start", got the end of the socket'));
    };
    const onMessage = (data: RawData, isBinary: boolean) => {
      try {
        const message = opening.push(readMessage(data, isBinary));
        if (!message) return;
        const { callSid, streamSid, accountSid, customParameters } = message;
        const start = { callSid, streamSid, accountSid, customParameters };
        if (!options.verify(start)) {
          throw new MediaStreamError('refused', 'expected a stream that we asked for, got another');
        }
        settle();
        // In the same turn: the next message may be in the same packet.
        resolve(new MediaStream(socket, start, message.sequenceNumber, options));
      } catch (cause) {
        const known = cause instanceof MediaStreamError;
        refuse(known ? cause : new MediaStreamError('notAStream', 'expected "start"', { cause }));
      }
    };
    const timer = setTimeout(() => {
      const waited = `${options.firstMessagesMs} ms`;
      refuse(new MediaStreamError('late', `expected "start" within ${waited}, got none`));
    }, options.firstMessagesMs);
    socket.on('error', ignoreError);
    socket.on('message', onMessage).on('close', onClose);
    if (socket.readyState !== socket.OPEN) onClose();
  });
}

/** Made by `acceptMediaStream`. What arrives before `listen` is kept for it. */
export class MediaStream {
  readonly start: StreamStart;
  readonly playback: Playback;
  readonly #socket: WebSocket;
  readonly #gaps = new InboundGaps();
  readonly #sending = new LiveSending((text) => this.#send(text));
  readonly #frame: MediaFrame;
  readonly #problems = new Map<string, number>();
  #handlers: MediaStreamHandlers | undefined;
  /** Deliveries that wait for `listen`. */
  #early: Array<(handlers: MediaStreamHandlers) => void> = [];
  #lastSequenceNumber: number;
  readonly #silence: SilentSocket | undefined;
  #state: 'open' | 'ended' | 'closed' = 'open';

  constructor(
    socket: WebSocket,
    start: StreamStart,
    sequenceNumber: number,
    options: MediaStreamOptions = {},
  ) {
    this.start = start;
    this.#socket = socket;
    this.#lastSequenceNumber = sequenceNumber;
    this.#frame = new MediaFrame(start.streamSid);
    this.playback = new Playback((text) => this.#sending.send(text), start.streamSid);
    socket.on('message', this.#onMessage).on('close', this.#onClose).on('error', this.#onError);
    if (options.silentSocketMs) {
      this.#silence = new SilentSocket(options.silentSocketMs, () => this.#onSilence());
    }
  }

  /** Call once. What came since the stream was accepted is delivered first, at once. */
  listen(handlers: MediaStreamHandlers): void {
    this.#handlers = handlers;
    const early = this.#early;
    this.#early = [];
    for (const deliver of early) {
      // A handler may have closed the stream.
      if (this.#state !== 'closed') deliver(handlers);
    }
    const unheard = this.#problems.get('unheard');
    if (unheard) this.#handlers?.onProblem('unheard', unheard);
  }

  /** Closes with 1000, so that Twilio runs its next verb. No handler is called any more. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#stop();
    this.#state = 'closed';
    this.#handlers = undefined;
    this.#early = [];
    closeBounded(this.#socket, NORMAL_CLOSURE);
  }

  readonly #onMessage = (data: RawData, isBinary: boolean): void => {
    this.#silence?.heard();
    if (!isBinary && Buffer.isBuffer(data) && this.#frame.read(data)) {
      if (this.#isNext(this.#frame.sequenceNumber)) this.#takeAudio(this.#frame);
      return;
    }
    let message: InboundMessage;
    try {
      message = readMessage(data, isBinary);
    } catch (error) {
      this.#problem(error instanceof MediaMessageError ? error.kind : 'malformed');
      return;
    }
    if (message.event === 'connected' || message.event === 'start') {
      this.#problem('unexpected');
    } else if (message.streamSid !== this.start.streamSid) {
      this.#problem('foreign');
    } else if (this.#isNext(message.sequenceNumber)) {
      this.#take(message);
    }
  };

  #isNext(sequenceNumber: number): boolean {
    if (sequenceNumber <= this.#lastSequenceNumber) {
      this.#problem('outOfOrder');
      return false;
    }
    this.#lastSequenceNumber = sequenceNumber;
    return true;
  }

  #take(message: Exclude<InboundMessage, { event: 'connected' | 'start' }>): void {
    if (message.event === 'media') this.#takeAudio(message);
    else if (message.event === 'mark') this.playback.markEchoed(message.name);
    else if (message.event === 'dtmf') this.#deliver((handlers) => handlers.onDigit(message.digit));
    else this.#end('stop');
  }

  #takeAudio({ chunk, mulaw, timestampMs }: Omit<MediaMessage, 'event'>): void {
    const sound = this.#gaps.push(chunk, timestampMs, mulaw);
    if (!sound) {
      this.#problem('outOfOrder');
      return;
    }
    this.#sending.heard(timestampMs);
    const { filling, fillingFromMs } = sound;
    for (let at = 0; at < filling.length; at += FRAME_BYTES) {
      const lost = filling.subarray(at, at + FRAME_BYTES);
      this.#deliver((handlers) => handlers.onLost(lost, fillingFromMs + at / BYTES_PER_MS));
    }
    if (this.#handlers) {
      this.#handlers.onAudio(mulaw, timestampMs);
      return;
    }
    const kept = mulaw.slice();
    this.#deliver((handlers) => handlers.onAudio(kept, timestampMs));
  }

  #deliver(deliver: (handlers: MediaStreamHandlers) => void): void {
    if (this.#state === 'closed') return;
    if (this.#handlers) {
      deliver(this.#handlers);
      return;
    }
    if (this.#early.length >= EARLY_LIMIT) {
      this.#early.shift();
      this.#count('unheard');
    }
    this.#early.push(deliver);
  }

  #problem(kind: string): void {
    const count = this.#count(kind);
    this.#deliver((handlers) => handlers.onProblem(kind, count));
  }

  #count(kind: string): number {
    const count = (this.#problems.get(kind) ?? 0) + 1;
    this.#problems.set(kind, count);
    return count;
  }

  #send(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > UNSENT_LIMIT_BYTES) {
      this.#problem('stalled');
      this.#socket.terminate();
      return;
    }
    this.#socket.send(text);
  }

  readonly #onClose = (): void => this.#end('closed');

  /** `close` follows; only the reason is told here. */
  readonly #onError = (error: Error & { code?: string }): void => {
    this.#problem(error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'oversized' : 'socketError');
  };

  #onSilence(): void {
    this.#problem('silentSocket');
    this.#socket.terminate();
    this.#end('closed');
  }

  #end(how: 'stop' | 'closed'): void {
    if (this.#state !== 'open') return;
    this.#stop();
    this.#state = 'ended';
    this.#deliver((handlers) => handlers.onEnded(how));
    if (this.#state === 'ended') closeBounded(this.#socket, NORMAL_CLOSURE);
  }

  #stop(): void {
    this.#silence?.stop();
    this.#sending.stop();
    this.playback.close();
    this.#socket.off('message', this.#onMessage).off('close', this.#onClose);
    this.#socket.off('error', this.#onError);
  }
}

const NORMAL_CLOSURE = 1000;
const POLICY_VIOLATION = 1008;
/** After this a peer that does not answer our close is cut off; ws alone would wait 30 s. */
const CLOSE_LIMIT_MS = 2000;
/** Bytes that the kernel has not taken: about four seconds of sound, far above the paced lead. */
const UNSENT_LIMIT_BYTES = 65_536;
/** Ten seconds of frames. */
const EARLY_LIMIT = 500;
const FRAME_BYTES = 160;

function readMessage(data: RawData, isBinary: boolean): InboundMessage {
  if (isBinary) throw new MediaMessageError('binary', 'expected text, got a binary message');
  return parseMessage(data.toString());
}

function closeBounded(socket: WebSocket, code: number): void {
  if (socket.readyState === socket.CLOSED) return;
  const timer = setTimeout(() => socket.terminate(), CLOSE_LIMIT_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.close(code);
}

/** An EventEmitter without a listener throws its error; what it means comes with `close`. */
function ignoreError(): void {}
