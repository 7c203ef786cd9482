/**
 * What stands before replicas where nothing binds a caller to one of them: every request and every
 * upgrade goes to any, drawn at random.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
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
  close(): Promise<void>;
}

/** @param ports of the replicas, on loopback */
export async function startRandomBalancer(
  ports: readonly number[],
  seed: number,
): Promise<RandomBalancer> {
  const random = new SeededRandom(seed);
  const draw = () => random.between(0, ports.length - 1);
  const passedOn: PassedOn[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer(async (incoming, response) => {
    const replica = draw();
    const body = await bodyOf(incoming).catch(() => undefined);
    if (body === undefined) return void response.destroy();
    const callSid = new URLSearchParams(body).get('CallSid') ?? undefined;
    passedOn.push({ path: incoming.url ?? '', callSid, replica });
    passRequest(incoming, body, ports[replica]!, response);
  });
  server.on('upgrade', (incoming, socket, head) => {
    const target = passUpgrade(incoming, socket, head, ports[draw()]!);
    for (const each of [socket, target]) {
      sockets.add(each);
      each.on('close', () => sockets.delete(each));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passedOn,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let body = '';
  for await (const part of incoming.setEncoding('utf8')) body += part;
  return body;
}

function passRequest(
  { method, url, headers }: IncomingMessage,
  body: string,
  port: number,
  response: ServerResponse,
): void {
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  onward.end(body);
}

function passUpgrade(
  { method, url, rawHeaders }: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  port: number,
): Duplex {
  const target = connect(port, '127.0.0.1');
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  }
  target.write(`${lines.join('\r\n')}\r\n\r\n`);
  target.write(head);
  socket.on('error', () => target.destroy()).on('close', () => target.destroy());
  target.on('error', () => socket.destroy()).on('close', () => socket.destroy());
  socket.pipe(target).pipe(socket);
  return target;
}
