import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, LookupFunction, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { BookingWebhook } from '../../src/restaurant/booking-webhook.ts';
import { selfSignedCertificate } from './self-signed-certificate.ts';

export const SECRET = 'a secret of the two of us';
const HOST = 'bookings.example';

export interface Received {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** How the system answers one request. */
export type Answering = (response: ServerResponse, received: Received) => void;

/**
 * A restaurant's own system, on this machine behind TLS, and our side of it. Each request is answered
 * by the next of `answers`, the last one for all that follow.
 */
export async function bookingSystem(
  t: TestContext,
  answers: Answering[],
  options: { exchangeMs?: number | undefined; lookup?: LookupFunction } = {},
) {
  const { key, cert } = selfSignedCertificate(HOST);
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ key, cert }, async (request, response) => {
    let body = '';
    try {
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
    } catch {
      return;
    }
    const { method, url: path, headers } = request;
    received.push({ method, path, headers, body });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(response, { method, path, headers, body });
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const webhook = new BookingWebhook({
    url: `https://${HOST}:${port}/book?v=1`,
    secret: SECRET,
    ca: cert,
    lookup: toThisMachine,
    ...options,
  });
  t.after(async () => {
    webhook.close();
    server.close();
    server.closeAllConnections();
    for (const socket of sockets) socket.destroy();
  });
  return { webhook, received, sockets, port };
}

/** The rule for addresses is loosened: there is no public one here. */
const toThisMachine: LookupFunction = (_host, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

export function json(value: unknown, status = 200): Answering {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(value));
  };
}
