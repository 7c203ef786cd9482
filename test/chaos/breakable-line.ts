/**
 * The network between Twilio and the servers, of one call: it passes everything on, and can fail the
 * stream in the ways in which networks do. Webhooks, and streams that are opened later, pass.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

interface Passage {
  twilio: Socket;
  server: Socket;
  /** What the server sends is dropped, and so is what Twilio sends. */
  isDead: boolean;
}

export class BreakableLine {
  readonly url: string;
  readonly #listener: Server;
  readonly #passages = new Set<Passage>();
  #stream: Passage | undefined;
  #held: Passage | undefined;
  /** Messages with sound that the server sent into a stream whose caller had gone from it. */
  heldFrames = 0;

  private constructor(listener: Server, targetUrl: string) {
    this.#listener = listener;
    this.url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
    const port = Number(new URL(targetUrl).port);
    listener.on('connection', (twilio) => this.#open(twilio, port));
  }

  static async start(targetUrl: string): Promise<BreakableLine> {
    const listener = createServer({ noDelay: true });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return new BreakableLine(listener, targetUrl);
  }

  /** Both sides are told by a reset. */
  cut(): void {
    this.#stream?.twilio.resetAndDestroy();
    this.#stream?.server.resetAndDestroy();
  }

  /** Nothing passes any more, and nobody is told until one side gives up. */
  freeze(): void {
    if (this.#stream) this.#stream.isDead = true;
  }

  /** Twilio does not read what the server sends for so long; what it says itself arrives. */
  stall(ms: number): void {
    const stream = this.#stream;
    if (!stream) return;
    stream.server.pause();
    setTimeout(() => stream.server.resume(), ms);
  }

  /** Twilio is told, the server is not: its side stays open, and what it sends is counted. */
  hold(): void {
    const stream = this.#stream;
    if (!stream) return;
    this.#held = stream;
    stream.isDead = true;
    stream.twilio.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const { twilio, server } of this.#passages) {
      twilio.destroy();
      server.destroy();
    }
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  #open(twilio: Socket, port: number): void {
    const server = connect({ port, host: '127.0.0.1', noDelay: true });
    const passage: Passage = { twilio, server, isDead: false };
    this.#passages.add(passage);
    twilio.once('data', (first) => {
      if (first.toString('latin1', 0, UPGRADE.length) === UPGRADE) this.#stream = passage;
    });
    twilio.on('data', (chunk) => {
      if (!passage.isDead) server.write(chunk);
    });
    server.on('data', (chunk) => this.#onward(passage, chunk));
    twilio.on('error', () => undefined).on('close', () => this.#onEnd(passage, 'twilio'));
    server.on('error', () => undefined).on('close', () => this.#onEnd(passage, 'server'));
  }

  #onward(passage: Passage, chunk: Buffer): void {
    if (passage === this.#held) this.heldFrames += chunk.toString('latin1').split(SOUND).length - 1;
    if (!passage.isDead) passage.twilio.write(chunk);
  }

  /** A side that has gone takes the other one with it; of a dead line, as if it had been lost. */
  #onEnd(passage: Passage, side: 'twilio' | 'server'): void {
    if (side === 'server') {
      this.#passages.delete(passage);
      if (passage.isDead) passage.twilio.resetAndDestroy();
      else passage.twilio.end();
    } else if (passage !== this.#held) passage.server.destroy();
  }
}

const UPGRADE = 'GET /media ';
/** In a message to Twilio, which is text. */
const SOUND = '"event":"media"';
