import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChatMessage } from '../../src/ultravox/engine-client.ts';

/** What becomes of a request on its way. */
export type Passage =
  | 'whole'
  /** Answered by the gate with this status. */
  | { status: number }
  /** The connection breaks when this text comes in the answer. */
  | { breakAt: string };

export interface GateRequest {
  messages: readonly ChatMessage[];
}

/**
 * The way to the engine: each generation waits in it until a test lets it pass, as it does at an
 * engine that hangs. A client that leaves takes its request with it.
 */
export class EngineGate {
  readonly #server: Server;
  readonly #engineUrl: URL;

  private constructor(server: Server, engineUrl: URL) {
    this.#server = server;
    this.#engineUrl = engineUrl;
  }

  /** @param passageOf is asked for each generation; the gate waits for its answer */
  static async open(
    engineUrl: string,
    passageOf: (request: GateRequest) => Passage | Promise<Passage>,
  ): Promise<EngineGate> {
    const server = createServer();
    const gate = new EngineGate(server, new URL(engineUrl));
    server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      gate.#take(incoming, response, passageOf).catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return gate;
  }

  /** In place of the engine's own, with the version. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.#engineUrl.pathname}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(
    incoming: IncomingMessage,
    response: ServerResponse,
    passageOf: (request: GateRequest) => Passage | Promise<Passage>,
  ): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const passage = incoming.method === 'POST' ? await passageOf(JSON.parse(`${body}`)) : 'whole';
    if (response.destroyed) return;
    if (typeof passage === 'object' && 'status' in passage) {
      response.writeHead(passage.status, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"refused at the gate"}}');
    } else this.#forward(incoming, body, response, passage);
  }

  #forward(
    { method, url }: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    passage: 'whole' | { breakAt: string },
  ): void {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const target = new URL(url ?? '/', this.#engineUrl);
    const forwarded = request(target, { method, headers });
    forwarded.on('error', () => response.destroy());
    forwarded.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      let seen = '';
      answer.on('data', (chunk: Buffer) => {
        seen += chunk;
        if (passage !== 'whole' && seen.includes(passage.breakAt)) response.destroy();
        else response.write(chunk);
      });
      answer.on('end', () => response.end());
    });
    response.on('close', () => forwarded.destroy());
    forwarded.end(body);
  }
}
