/** The page's end of the feed: one WebSocket that is opened again when it breaks. */
import type { FeedMessage } from '../feed-message.ts';
import type { Api } from './api.ts';

export type FeedState = 'connecting' | 'live' | 'lost';

/** From the first try to the last, between two tries. */
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 10_000;
/** The server's answer to a wrong or missing token. */
const CLOSED_FOR_TOKEN = 4401;

export class LiveFeed {
  readonly #api: Api;
  readonly #listeners = new Set<(message: FeedMessage) => void>();
  readonly #watchers = new Set<(state: FeedState) => void>();
  #state: FeedState = 'connecting';
  #socket: WebSocket | undefined;
  #retryMs = RETRY_FIRST_MS;

  constructor(api: Api) {
    this.#api = api;
  }

  get state(): FeedState {
    return this.#state;
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

  connect(): void {
    this.#socket?.close();
    const socket = new WebSocket(new URL('feed', location.href.replace(/^http/, 'ws')));
    this.#socket = socket;
    // A browser cannot send the token in a header; in the address it would end up in logs.
    socket.onopen = () => {
      if (this.#api.token) socket.send(JSON.stringify({ token: this.#api.token }));
    };
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)) as FeedMessage);
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      this.#become('lost');
      if (code === CLOSED_FOR_TOKEN) this.#api.onUnauthorised();
      else this.#retry();
    };
  }

  #receive(message: FeedMessage): void {
    if (message.type === 'visualiser.welcome') {
      this.#retryMs = RETRY_FIRST_MS;
      this.#become('live');
    }
    for (const listener of this.#listeners) listener(message);
  }

  #retry(): void {
    setTimeout(() => this.connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_LAST_MS);
  }

  #become(state: FeedState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const watcher of this.#watchers) watcher(state);
  }
}
