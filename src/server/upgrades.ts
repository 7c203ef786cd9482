import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** Upgrades the request to a WebSocket or refuses it. */
export type TakeUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Gives each upgrade to whom its path belongs. */
export function routeUpgrades(
  app: FastifyInstance,
  routes: Readonly<Record<string, TakeUpgrade>>,
): void {
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').replace(/\/$/, '');
    const take = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (take) take(request, socket, head);
    else refuseUpgrade(socket, 404);
  });
}

export function refuseUpgrade(socket: Duplex, status: 401 | 403 | 404 | 429 | 503): void {
  // An upgraded socket has no timeout, and a stranger's open half would keep the server from closing.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
