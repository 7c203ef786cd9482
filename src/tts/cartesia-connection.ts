/**
 * One socket to Cartesia, through the official SDK. The SDK authenticates, encodes and decodes; what
 * it leaves out is here: it does not notice a close (`receive()` then waits for ever), it reconnects
 * behind one's back and forgets every context, and a failed connect or a malformed chunk ends the
 * process unless somebody is there to catch it.
 */
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { connect as connectTcp } from 'node:net';
import type { Cartesia } from '@cartesia/cartesia-js';
import type { WebsocketClientEvent, WebsocketResponse } from '@cartesia/cartesia-js/resources/tts';
import type { TTSWS } from '@cartesia/cartesia-js/resources/tts/ws';
import { VoiceError } from './voice.ts';

/** The SDK's ESM build finds no `ws`: it takes the global WebSocket, and puts the key in the URL. */
const require = createRequire(import.meta.url);
const sdk = {
  Cartesia: require('@cartesia/cartesia-js').Cartesia as typeof Cartesia,
  TTSWS: require('@cartesia/cartesia-js/resources/tts/ws').TTSWS as typeof TTSWS,
};

export interface ConnectionOptions {
  apiKey: string;
  connectTimeoutMs: number;
  /** A server without TLS, where a simulator listens. */
  plaintextTo?: { host: string; port: number } | undefined;
}

/** Hears what arrives for one context. After `lost` nothing more comes. */
export interface ContextListener {
  event(event: WebsocketResponse): void;
  lost(error: VoiceError): void;
}

export class CartesiaConnection {
  /** Settles when the socket is closed, whoever closed it. */
  readonly closed: Promise<void>;
  readonly #socket: TTSWS;
  readonly #listeners = new Map<string, ContextListener>();
  #retired = false;

  private constructor(socket: TTSWS) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.socket.addEventListener('close', () => {
        resolve();
        this.#fail(new VoiceError('lost', 'the connection to Cartesia closed in mid-utterance'));
      });
    });
    socket.on('event', (event) => this.#route(event));
    // Errors with a context are routed as events. Those of the transport are followed by a close.
    socket.on('error', ({ message }) => {
      if (message === UNPARSEABLE) this.#reject();
    });
    this.#guardDecoder(socket.socket as unknown as EventEmitter);
  }

  /** @throws {VoiceError} `refused`, also when aborted; `limited` when the answer is HTTP 429. */
  static async open(options: ConnectionOptions, signal: AbortSignal): Promise<CartesiaConnection> {
    const client = new sdk.Cartesia({ apiKey: options.apiKey });
    const { plaintextTo, connectTimeoutMs } = options;
    const socket = new sdk.TTSWS(client, {
      handshakeTimeout: connectTimeoutMs,
      maxPayload: MAX_MESSAGE_BYTES,
      ...(plaintextTo && { createConnection: () => connectTcp(plaintextTo) }),
    });
    // Before anything can fail: an error without a listener would end the process.
    const ignore = () => undefined;
    socket.on('error', ignore);
    const abort = () => socket.close();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await socket.connect();
    } catch (error) {
      throw refusal(error);
    } finally {
      signal.removeEventListener('abort', abort);
    }
    const connection = new CartesiaConnection(socket);
    socket.off('error', ignore);
    return connection;
  }

  get isOpen(): boolean {
    return !this.#retired && this.#socket.socket.readyState === OPEN;
  }

  listen(contextId: string, listener: ContextListener): void {
    this.#listeners.set(contextId, listener);
  }

  /** What still arrives for this context is dropped from now on. */
  unlisten(contextId: string): void {
    this.#listeners.delete(contextId);
    if (this.#retired && this.#listeners.size === 0) this.close();
  }

  /** Does nothing on a closed socket: its listeners have been told. */
  send(message: WebsocketClientEvent): void {
    if (this.#socket.socket.readyState !== OPEN) return;
    void this.#socket.send(message);
  }

  /** Takes no new context; closes when the last one has ended. */
  retire(): void {
    this.#retired = true;
    if (this.#listeners.size === 0) this.close();
  }

  close(): void {
    this.#retired = true;
    this.#socket.close();
  }

  #route(event: WebsocketResponse): void {
    const { context_id: id } = event;
    if (id) this.#listeners.get(id)?.event(event);
  }

  /** The SDK's decoder throws at a chunk without data, out of the socket: the process would end. */
  #guardDecoder(socket: EventEmitter): void {
    const decoders = socket.listeners('message');
    socket.removeAllListeners('message');
    socket.on('message', (...args: unknown[]) => {
      try {
        for (const decode of decoders) decode.apply(socket, args);
      } catch {
        this.#reject();
      }
    });
  }

  /** A socket that sends what is not its protocol is not trusted any further. */
  #reject(): void {
    this.#fail(new VoiceError('garbage', "expected Cartesia's protocol, got another message"));
    this.close();
  }

  #fail(error: VoiceError): void {
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const listener of listeners) listener.lost(error);
  }
}

const OPEN = 1;
/** The SDK's own text for a message that is not JSON. */
const UNPARSEABLE = 'could not parse websocket event';
/** The whole of what `ws` says of a status: an address may have the same digits, as in a port of 44299. */
const TOO_MANY = /server response: 429$/;
/** A second of audio is 11 kB in base64. */
const MAX_MESSAGE_BYTES = 1 << 20;

/** The SDK rejects with an ErrorEvent, which is no Error, and whose target holds the key. */
function refusal(event: unknown): VoiceError {
  const text = (event as { message?: unknown }).message;
  const message = typeof text === 'string' ? text : 'unknown reason';
  const kind = TOO_MANY.test(message) ? 'limited' : 'refused';
  return new VoiceError(kind, `Cartesia did not accept the connection: ${message}`);
}
