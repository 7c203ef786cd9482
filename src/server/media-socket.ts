import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { WebSocketServer } from 'ws';
import { isSignedUpgrade } from '../twilio/signature.ts';
import type { ServerOptions } from './server-options.ts';
import { headerOf } from './signed-form.ts';

/** A media message is about 400 bytes; the closing handshake of a dead peer is not waited for. */
const SOCKET_LIMITS = { maxPayload: 16 * 1024, perMessageDeflate: false, closeTimeout: 2000 };

/** Takes upgrades that Twilio has signed, while there is room. */
export function acceptMediaSockets(app: FastifyInstance, options: ServerOptions): void {
  const { authToken, publicUrl, calls, log } = options;
  const sockets = new WebSocketServer({ noServer: true, ...SOCKET_LIMITS });
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = request.url ?? '';
    if (path.replace(/\/$/, '') !== '/media') return refuseUpgrade(socket, 404);
    const signature = headerOf(request.headers['x-twilio-signature']);
    if (!isSignedUpgrade({ authToken, signature, publicUrl, path })) {
      log.warn('media socket signature rejected');
      return refuseUpgrade(socket, 403);
    }
    if (calls.full) return refuseUpgrade(socket, 503);
    sockets.handleUpgrade(request, socket, head, (upgraded) => calls.open(upgraded));
  });
  app.addHook('onClose', (_app, done) => sockets.close(() => done()));
}

function refuseUpgrade(socket: Duplex, status: 403 | 404 | 503): void {
  // An upgraded socket has no timeout, and a stranger's open half would keep the server from closing.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
