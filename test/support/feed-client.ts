/** A viewer of the feed over a real socket, with whatever headers a test wants. */
import { WebSocket } from 'ws';
import type { FeedMessage } from '../../src/visualiser/feed-message.ts';
import { inTime } from './twilio-hand.ts';

export class FeedClient {
  readonly seen: FeedMessage[] = [];
  readonly socket: WebSocket;
  readonly #closed: Promise<number>;
  /** The HTTP status of the upgrade. */
  readonly #status: Promise<number>;
  #wake = () => {};

  /** @param url of the server @param autoPong whether it answers pings */
  constructor(url: string, headers: Record<string, string> = {}, autoPong = true) {
    const options = { headers, autoPong };
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/visualiser/feed`, options);
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => {
      this.seen.push(JSON.parse(data.toString()));
      this.#wake();
    });
    this.#closed = new Promise((resolve) => this.socket.on('close', (code) => resolve(code)));
    this.#status = new Promise((resolve) => {
      this.socket.on('open', () => resolve(101));
      this.socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
        this.socket.terminate();
      });
    });
  }

  status(): Promise<number> {
    return inTime(this.#status, 'an answer to the upgrade');
  }

  /** The close code. */
  closed(): Promise<number> {
    return inTime(this.#closed, 'the socket to be closed', 10_000);
  }

  /** Resolves when there is such a message, come or to come. */
  async sees(what: string, isIt: (message: FeedMessage) => boolean): Promise<FeedMessage> {
    const found = async () => {
      for (let at = 0; ; at++) {
        while (at >= this.seen.length) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        const message = this.seen[at];
        if (message && isIt(message)) return message;
      }
    };
    return inTime(found(), `a message of the feed: ${what}`, 10_000);
  }

  async welcomed(): Promise<this> {
    await this.sees('welcome', ({ type }) => type === 'visualiser.welcome');
    return this;
  }

  /** Resolves when the server has taken all that was sent before. */
  async settled(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.socket.once('pong', () => resolve()));
    this.socket.ping();
    await inTime(answered, 'an answer to a ping', 10_000);
  }

  send(text: string): void {
    this.socket.send(text);
  }

  close(): void {
    this.socket.terminate();
  }
}
