/** The page's end of the feed: one WebSocket that is opened again when it breaks. */
import type { FeedMessage } from '../feed-message.ts';
import type { Api } from './api.ts';

/** `refused`: it waits for a token, and does not try again by itself. */
export type FeedState = 'connecting' | 'live' | 'lost' | 'refused';

/** From the first try to the last, between two tries. */
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 10_000;
/** From the opening to the welcome; a server that takes longer is as good as none. */
const WELCOME_MS = 10_000;
/** The server's answer to a wrong or missing token. */
const CLOSED_FOR_TOKEN = 4401;

export class LiveFeed {
  readonly #api: Api;
  readonly #listeners = new Set<(message: FeedMessage) => void>();
  readonly #watchers = new Set<(state: FeedState) => void>();
  #state: FeedState = 'connecting';
  #socket: WebSocket | undefined;
  #retryMs = RETRY_FIRST_MS;
  /** Of the server's clock against ours. */
  #aheadMs = 0;
  /** Of the next try, or of the welcome that is awaited. */
  #timer: number | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  get state(): FeedState {
    return this.#state;
  }

  /** ms since 1970 of the server's clock, by the last welcome. */
  get now(): number {
    return Date.now() + this.#aheadMs;
  }

  /** @returns a function that ends it */
  listen(listener: (message: FeedMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch(watcher: (state: FeedState) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Anew where there is a connection already, as with another token. */
  connect(): void {
    clearTimeout(this.#timer);
    this.#socket?.close();
    const socket = new WebSocket(new URL('feed', location.href.replace(/^http/, 'ws')));
    this.#socket = socket;
    // A socket that is closed while it connects may take long to say so.
    this.#timer = setTimeout(() => this.#lose(socket, undefined), WELCOME_MS);
    // A browser cannot send the token in a header; in the address it would end up in logs. Without
    // one the server is told so, lest it wait.
    socket.onopen = () => socket.send(JSON.stringify({ token: this.#api.token ?? '' }));
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#receive(JSON.parse(String(data)) as FeedMessage);
    };
    socket.onclose = ({ code }) => this.#lose(socket, code);
  }

  #lose(socket: WebSocket, code: number | undefined): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    clearTimeout(this.#timer);
    socket.close();
    const isRefused = code === CLOSED_FOR_TOKEN;
    this.#become(isRefused ? 'refused' : 'lost');
    if (isRefused) this.#api.onUnauthorised();
    else this.#retry();
  }

  #receive(message: FeedMessage): void {
    if (message.type === 'visualiser.welcome') {
      clearTimeout(this.#timer);
      this.#retryMs = RETRY_FIRST_MS;
      this.#aheadMs = message.now - Date.now();
      this.#become('live');
    }
    for (const listener of this.#listeners) listener(message);
  }

  #retry(): void {
    this.#timer = setTimeout(() => this.connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_LAST_MS);
  }

  #become(state: FeedState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const watcher of this.#watchers) watcher(state);
  }
}
