/**
 * A Cartesia to run against without an account: the WebSocket protocol of its text-to-speech, as
 * the official SDK speaks it, over plain HTTP on the loopback. It is a simulator: the voice is
 * Flite's, or a tone, and `GET /` says so.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { EmbeddedVoice } from '../../tts/embedded-voice.ts';
import { VOICES } from './simulated-catalogue.ts';
import type { CartesiaFaults } from './simulated-context.ts';
import { type SimulatedRequest, SimulatedSession } from './simulated-session.ts';
import { cachedSpeech, type SimulatedSpeech, toneSpeech } from './simulated-speech.ts';

export type { CartesiaFaults } from './simulated-context.ts';
export type { SimulatedRequest } from './simulated-session.ts';

export interface SimulatedCartesiaOptions {
  /** From the text's arrival to the first chunk. 90 ms when not given. */
  firstByteMs?: number;
  /** How much faster than real time audio is delivered. 4 when not given. */
  realTimeFactor?: number;
  /** The plan's limit of open contexts. 15, the Scale plan's, when not given. */
  maxContexts?: number;
  /** Flite on a thread of its own when not given; it is then closed with the server. */
  voice?: EmbeddedVoice | 'tone' | SimulatedSpeech;
  faults?: Partial<CartesiaFaults>;
}

export interface SimulatedCartesia {
  readonly host: string;
  readonly port: number;
  readonly openContexts: number;
  readonly openSockets: number;
  /** Sockets that were opened. */
  readonly connections: number;
  /** What clients sent, in order; the latest 10,000. */
  readonly requests: readonly SimulatedRequest[];
  readonly faults: CartesiaFaults;
  /** Renders these pieces now, so that a scripted call pays `firstByteMs` and no more. */
  rehearse(pieces: readonly string[]): Promise<void>;
  /** Cuts every socket without a close frame, as a network does. */
  dropSockets(): void;
  /** Closes every socket properly, as Cartesia does after five idle minutes. */
  closeSockets(): void;
  close(): Promise<void>;
}

export async function startSimulatedCartesia(
  options: SimulatedCartesiaOptions = {},
): Promise<SimulatedCartesia> {
  const { firstByteMs = 90, realTimeFactor = 4, maxContexts = 15 } = options;
  const own = options.voice ? undefined : await EmbeddedVoice.start();
  const speech = speechOf(own ?? options.voice ?? 'tone');
  const faults: CartesiaFaults = { ...NO_FAULTS, ...options.faults };
  const requests: SimulatedRequest[] = [];
  const sessions = new Set<SimulatedSession>();
  let connections = 0;
  const openContexts = () => [...sessions].reduce((sum, session) => sum + session.openContexts, 0);

  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1 << 20 });
  const server = createServer((request, response) => answer(request, response, faults));
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const status = faults.refuseConnect ?? statusOf(request);
    if (status !== 101) {
      refuse(socket, status);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const session = new SimulatedSession(webSocket, {
        faults,
        speech,
        firstByteMs,
        realTimeFactor,
        isFull: () => openContexts() >= maxContexts,
        received: (message) => {
          if (requests.length >= MAX_REQUESTS) requests.shift();
          requests.push(message);
        },
      });
      sessions.add(session);
      connections++;
      webSocket.on('close', () => sessions.delete(session));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    faults,
    requests,
    get openContexts() {
      return openContexts();
    },
    get openSockets() {
      return sessions.size;
    },
    get connections() {
      return connections;
    },
    async rehearse(pieces) {
      const { signal } = new AbortController();
      for (const piece of pieces) for await (const _ of speech.render(piece, signal));
    },
    dropSockets: () => {
      for (const session of sessions) session.drop();
    },
    closeSockets: () => {
      for (const session of sessions) session.close();
    },
    async close() {
      for (const session of sessions) session.drop();
      sockets.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await own?.close();
    },
  };
}

const MAX_REQUESTS = 10_000;
const VERSION = '2026-08-14';

const NO_FAULTS: CartesiaFaults = {
  refuseConnect: undefined,
  restStatus: undefined,
  limit: false,
  stallAfterChunks: undefined,
  dropAfterChunks: undefined,
  errorMidStream: false,
  lateChunksAfterCancel: 0,
  noDone: false,
  garbageFrame: false,
};

/** The key may be anything, as long as there is one; the path and the version must be right. */
function statusOf(request: IncomingMessage): number {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname !== '/tts/websocket') return 404;
  const version = url.searchParams.get('cartesia_version') ?? request.headers['cartesia-version'];
  if (!hasKey(request, url)) return 401;
  return version ? 101 : 400;
}

function hasKey({ headers }: IncomingMessage, url: URL): boolean {
  const key =
    headers.authorization?.replace(/^Bearer /, '') ||
    headers['x-api-key'] ||
    url.searchParams.get('api_key') ||
    url.searchParams.get('access_token');
  return Boolean(key);
}

function refuse(socket: Socket, status: number): void {
  const code = status === 429 ? 'concurrency_limited' : status === 401 ? 'unauthorized' : 'refused';
  const title = 'The simulated Cartesia refuses this connection';
  const body = JSON.stringify({
    error_code: code,
    title,
    message: title,
    request_id: randomUUID(),
  });
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function speechOf(voice: EmbeddedVoice | 'tone' | SimulatedSpeech): SimulatedSpeech {
  if (voice === 'tone') return toneSpeech();
  return voice instanceof EmbeddedVoice ? cachedSpeech(voice) : voice;
}

function answer(request: IncomingMessage, response: ServerResponse, faults: CartesiaFaults): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const { pathname } = url;
  const send = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const simulator = 'a simulated Cartesia, no real voice';
  const voice = VOICES.find(({ id }) => pathname === `/voices/${id}`);
  if (faults.restStatus !== undefined) send(faults.restStatus, problem('refused', 'Refused'));
  else if (request.method !== 'GET') send(404, NOT_FOUND);
  else if (pathname === '/') send(200, { ok: true, version: VERSION, simulator });
  else if (!hasKey(request, url)) send(401, problem('unauthorized', 'Unauthorized'));
  else if (pathname === '/voices') send(200, { data: VOICES, has_more: false });
  else if (voice) send(200, voice);
  else send(404, NOT_FOUND);
}

function problem(error_code: string, title: string): object {
  return { error_code, title, message: 'The simulator refuses this request' };
}

const NOT_FOUND = {
  error_code: 'not_found',
  title: 'Not found',
  message: 'The simulator has no such page',
};
