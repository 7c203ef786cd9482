/**
 * What stands before replicas where nothing binds a caller to one of them: every request and every
 * upgrade goes to any, drawn at random; one that refuses the connection is passed over.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SeededRandom } from '../../src/simulators/twilio/seeded-random.ts';

/** A webhook that was passed on. */
export interface PassedOn {
  path: string;
  /** CallSid of the form. */
  callSid: string | undefined;
  /** Index of the replica. */
  replica: number;
}

export interface RandomBalancer {
  readonly url: string;
  readonly passedOn: readonly PassedOn[];
  /** Ports of the replicas to which upgraded connections go now, oldest first. */
  readonly streams: readonly number[];
  close(): Promise<void>;
}

export interface BalancerOptions {
  /** How long it waits for a replica where every one refuses the connection. Default: not at all. */
  waitsMs?: number;
}

/** @param ports of the replicas, on loopback; they may change at any time */
export async function startRandomBalancer(
  ports: readonly number[],
  seed: number,
  { waitsMs = 0 }: BalancerOptions = {},
): Promise<RandomBalancer> {
  const random = new SeededRandom(seed);
  const passedOn: PassedOn[] = [];
  const sockets = new Set<Duplex>();
  const streams = new Map<Duplex, number>();
  const anyReplica = () => connectToAny(ports, random, waitsMs);
  const server = createServer(async (incoming, response) => {
    const body = await bodyOf(incoming).catch(() => undefined);
    const target = body === undefined ? undefined : await anyReplica();
    if (!target || body === undefined) return void response.destroy();
    const callSid = new URLSearchParams(body).get('CallSid') ?? undefined;
    passedOn.push({ path: incoming.url ?? '', callSid, replica: ports.indexOf(target.port) });
    passRequest(incoming, body, target.socket, response);
  });
  server.on('upgrade', async (incoming, socket, head) => {
    socket.on('error', () => socket.destroy());
    const target = await anyReplica();
    if (!target) return void socket.destroy();
    streams.set(socket, target.port);
    passUpgrade(incoming, socket, head, target.socket);
    socket.once('close', () => streams.delete(socket));
    for (const each of [socket, target.socket]) {
      sockets.add(each);
      each.once('close', () => sockets.delete(each));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passedOn,
    get streams() {
      return [...streams.values()];
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface Target {
  port: number;
  socket: Socket;
}

const AGAIN_MS = 25;

async function connectToAny(
  ports: readonly number[],
  random: SeededRandom,
  waitsMs: number,
): Promise<Target | undefined> {
  const untilMs = performance.now() + waitsMs;
  for (;;) {
    const first = random.between(0, Math.max(0, ports.length - 1));
    for (const port of [...ports.slice(first), ...ports.slice(0, first)]) {
      const socket = await connected(port);
      if (socket) return { port, socket };
    }
    if (performance.now() >= untilMs) return undefined;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

function connected(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => resolve(socket)).on('error', () => resolve(undefined));
  });
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of incoming.setEncoding('utf8')) body += part;
  return body;
}

function passRequest(
  { method, url, headers }: IncomingMessage,
  body: string,
  socket: Socket,
  response: ServerResponse,
): void {
  const given = { ...headers, connection: 'close' };
  const options = { method, path: url, headers: given, createConnection: () => socket };
  const onward = request(options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  onward.on('error', () => response.destroy());
  onward.end(body);
}

function passUpgrade(
  { method, url, rawHeaders }: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  target: Socket,
): void {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  target.write(`${lines.join('\r\n')}\r\n\r\n`);
  target.write(head);
  socket.on('close', () => target.destroy());
  target.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  socket.pipe(target).pipe(socket);
}
