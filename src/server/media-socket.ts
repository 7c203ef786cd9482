import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { WebSocketServer } from 'ws';
import { isSignedUpgrade } from '../twilio/signature.ts';
import { type PageTokens, softphoneProtocol } from './page-tokens.ts';
import type { ServerOptions } from './server-options.ts';
import { headerOf } from './signed-form.ts';
import { refuseUpgrade, type TakeUpgrade } from './upgrades.ts';
import { isOwnOrigin } from './viewer.ts';

/** A media message is about 400 bytes; the closing handshake of a dead peer is not waited for. */
const SOCKET_LIMITS = { maxPayload: 16 * 1024, perMessageDeflate: false, closeTimeout: 2000 };

/** Takes upgrades that Twilio has signed or a page of ours has a token for, while there is room. */
export function mediaUpgrades(
  app: FastifyInstance,
  options: ServerOptions,
  pageTokens: PageTokens,
): TakeUpgrade {
  const { calls, log, watch } = options;
  const sockets = new WebSocketServer({ noServer: true, ...SOCKET_LIMITS });
  app.addHook('onClose', (_app, done) => sockets.close(() => done()));
  return (request, socket, head) => {
    if (!isSigned(request, options) && !isOurPages(request, options, pageTokens)) {
      log.warn('media socket signature rejected');
      watch?.signatureRejected('/media');
      return refuseUpgrade(socket, 403);
    }
    if (calls.full) return refuseUpgrade(socket, 503);
    sockets.handleUpgrade(request, socket, head, (upgraded) => calls.open(upgraded));
  };
}

function isSigned(
  { headers, url: path = '' }: IncomingMessage,
  { authToken, publicUrl }: ServerOptions,
): boolean {
  const signature = headerOf(headers['x-twilio-signature']);
  return isSignedUpgrade({ authToken, signature, publicUrl, path });
}

function isOurPages(
  request: IncomingMessage,
  options: ServerOptions,
  pageTokens: PageTokens,
): boolean {
  const protocol = softphoneProtocol(request.headers['sec-websocket-protocol']);
  return protocol !== undefined && isOwnOrigin(request, options) && pageTokens.redeem(protocol);
}
