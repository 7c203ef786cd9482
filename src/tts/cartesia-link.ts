/** Keeps one connection to Cartesia open: all calls share it, and none waits for a handshake. */
import { CartesiaConnection, type ConnectionOptions } from './cartesia-connection.ts';
import { VoiceError } from './voice.ts';

/** Cartesia closes a socket after five idle minutes. */
const IDLE_ROTATION_MS = 270_000;
/** How long an utterance waits for a connection that is being made: a pause that nobody notices. */
const CONNECTION_WAIT_MS = 500;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;

export class CartesiaLink {
  readonly #options: ConnectionOptions;
  #connection: CartesiaConnection | undefined;
  #opening: Promise<CartesiaConnection> | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #lastFailure: VoiceError | undefined;
  readonly #closing = new AbortController();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Opens now, even if the last attempt has just failed. @throws {VoiceError} */
  async connect(signal?: AbortSignal): Promise<void> {
    if (this.#connection?.isOpen) return;
    await bounded(this.#open(), this.#options.connectTimeoutMs * 2, signal);
  }

  /**
   * The open connection. Between two attempts to reconnect it fails at once: a caller waits.
   * @throws {VoiceError} or the signal's reason.
   */
  async connection(signal: AbortSignal): Promise<CartesiaConnection> {
    signal.throwIfAborted();
    this.#restartIdleTimer();
    if (this.#connection?.isOpen) return this.#connection;
    if (!this.#opening && this.#lastFailure) {
      const { kind, message } = this.#lastFailure;
      throw new VoiceError(kind, message, { cause: this.#lastFailure });
    }
    return bounded(this.#open(), CONNECTION_WAIT_MS, signal);
  }

  /** After a stall the socket may be dead without knowing it: the next utterance gets another. */
  distrust(connection: CartesiaConnection): void {
    if (connection === this.#connection) this.#replace();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#idleTimer);
    this.#connection?.close();
    await this.#opening?.catch(() => undefined);
  }

  #open(): Promise<CartesiaConnection> {
    if (this.#closing.signal.aborted)
      throw new VoiceError('refused', 'expected an open voice, it is closed');
    clearTimeout(this.#retryTimer);
    this.#opening ??= this.#attempt().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #attempt(): Promise<CartesiaConnection> {
    try {
      const connection = await CartesiaConnection.open(this.#options, this.#closing.signal);
      this.#adopt(connection);
      return connection;
    } catch (error) {
      this.#lastFailure = error as VoiceError;
      this.#retryLater();
      throw error;
    }
  }

  #adopt(connection: CartesiaConnection): void {
    if (this.#closing.signal.aborted) {
      connection.close();
      return;
    }
    this.#connection?.retire();
    this.#connection = connection;
    this.#lastFailure = undefined;
    this.#retryMs = FIRST_RETRY_MS;
    this.#restartIdleTimer();
    void connection.closed.then(() => {
      if (this.#connection !== connection || this.#closing.signal.aborted) return;
      this.#connection = undefined;
      this.#openInBackground();
    });
  }

  #retryLater(): void {
    if (this.#closing.signal.aborted) return;
    this.#retryTimer = setTimeout(() => this.#openInBackground(), this.#retryMs);
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }

  /** A failure has scheduled the next attempt; whoever speaks meanwhile is told of it. */
  #openInBackground(): void {
    this.#open().catch(() => undefined);
  }

  #restartIdleTimer(): void {
    clearTimeout(this.#idleTimer);
    if (this.#closing.signal.aborted) return;
    this.#idleTimer = setTimeout(() => this.#replace(), IDLE_ROTATION_MS);
  }

  #replace(): void {
    if (this.#closing.signal.aborted) return;
    const old = this.#connection;
    this.#connection = undefined;
    old?.retire();
    this.#openInBackground();
  }
}

/** @throws {VoiceError} `refused` when it takes too long. */
function bounded<T>(promise: Promise<T>, timeoutMs: number, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => end(() => reject(signal?.reason));
    const late = () => {
      const message = `expected a connection to Cartesia within ${timeoutMs} ms`;
      end(() => reject(new VoiceError('refused', message)));
    };
    const timer = setTimeout(late, timeoutMs);
    const end = (action: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      action();
    };
    promise.then(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
    signal?.addEventListener('abort', aborted, { once: true });
    if (signal?.aborted) aborted();
  });
}
