/** `/visualiser/feed`: what happens in all calls, for whoever may look. A viewer only listens. */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { type Bearer, bearerOf } from './bearer.ts';
import type { ServerOptions } from './server-options.ts';
import { refuseUpgrade, type TakeUpgrade } from './upgrades.ts';
import { isOwnOrigin, needsNoToken } from './viewer.ts';

const SOCKET_LIMITS = { maxPayload: 4096, perMessageDeflate: false, closeTimeout: 2000 };
const FIRST_MESSAGE_MS = 5000;
const FIRST_MESSAGE_BYTES = 1024;
/** Strangers who have not shown a token yet. */
const MAX_WAITING = 20;
/** A viewer that answers no ping for as long is gone. */
const PING_MS = 30_000;

const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;
const UNAUTHORISED = 4401;

export function feedUpgrades(
  app: FastifyInstance,
  options: ServerOptions,
  bearer: Bearer,
): TakeUpgrade {
  const sockets = new WebSocketServer({ noServer: true, ...SOCKET_LIMITS });
  let waiting = 0;
  let isClosing = false;
  // Not `onClose`: that comes when all connections have ended. A page soon tries again.
  app.addHook('preClose', (done) => {
    isClosing = true;
    for (const socket of sockets.clients) socket.close(GOING_AWAY);
    done();
  });
  return (request, socket, head) => {
    if (isClosing) return refuseUpgrade(socket, 503);
    const refusal = refusalOf(request, options, bearer);
    if (refusal) return refuseUpgrade(socket, refusal);
    const isKnown = request.headers.authorization || needsNoToken(request, options);
    if (!isKnown && waiting >= MAX_WAITING) return refuseUpgrade(socket, 503);
    sockets.handleUpgrade(request, socket, head, (upgraded) => {
      upgraded.on('error', ignoreError);
      if (isKnown) return join(upgraded, options);
      waiting += 1;
      const settled = () => (waiting -= 1);
      awaitToken(upgraded, bearer, settled, () => join(upgraded, options, false));
    });
  };
}

/** Undefined: the upgrade may be made, though a token may still be wanted. */
function refusalOf(request: IncomingMessage, options: ServerOptions, bearer: Bearer) {
  const { authorization, origin } = request.headers;
  if (!isOwnOrigin(request, options)) return 403;
  if (authorization) return bearer.refusalOf(bearerOf(authorization))?.status;
  if (needsNoToken(request, options)) return undefined;
  return origin !== undefined && bearer.isSet ? undefined : 403;
}

function awaitToken(
  socket: WebSocket,
  bearer: Bearer,
  settled: () => void,
  admit: () => void,
): void {
  const settle = () => {
    clearTimeout(timer);
    socket.off('message', onMessage).off('close', settle);
    settled();
  };
  const refuse = (reason: string) => {
    settle();
    socket.close(UNAUTHORISED, reason);
  };
  const onMessage = (data: RawData, isBinary: boolean) => {
    const token = isBinary ? undefined : tokenIn(data);
    if (token === undefined || bearer.refusalOf(token)) return refuse('expected the API token');
    settle();
    admit();
  };
  const timer = setTimeout(() => refuse('expected a token'), FIRST_MESSAGE_MS);
  socket.on('message', onMessage).on('close', settle);
}

/** @param mayShowToken a page that has a token shows it, needed or not */
function join(socket: WebSocket, { visualiser, log }: ServerOptions, mayShowToken = true): void {
  const leave = visualiser.feed.join(socket);
  if (!leave) {
    log.warn('viewer refused: too many');
    socket.close(TRY_AGAIN_LATER, 'too many viewers');
    return;
  }
  let isTokenAwaited = mayShowToken;
  socket.on('message', (data, isBinary) => {
    const isToken = isTokenAwaited && !isBinary && tokenIn(data) !== undefined;
    isTokenAwaited = false;
    if (!isToken) socket.close(POLICY_VIOLATION, 'expected a viewer that only listens');
  });
  socket.on('close', leave);
  keepAlive(socket);
}

/** A viewer that went without a word would keep its place. */
function keepAlive(socket: WebSocket): void {
  let isAlive = true;
  let timer: NodeJS.Timeout | undefined;
  const beat = () => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
    timer = setTimeout(beat, PING_MS).unref();
  };
  socket.on('pong', () => {
    isAlive = true;
  });
  socket.on('close', () => clearTimeout(timer));
  beat();
}

function tokenIn(data: RawData): string | undefined {
  const text = data.toString();
  if (text.length > FIRST_MESSAGE_BYTES) return undefined;
  try {
    const { token } = JSON.parse(text) as { token?: unknown };
    return typeof token === 'string' ? token : undefined;
  } catch {
    // No JSON, or null: whoever sends it is not one of our pages.
    return undefined;
  }
}

/** An EventEmitter without a listener throws its error; what it means comes with `close`. */
function ignoreError(): void {}
