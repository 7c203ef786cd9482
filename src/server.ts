/** The HTTP side: Twilio's webhooks, the media socket, health. Every answer to a call is spoken. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { Calls } from './calls.ts';
import { isSignedRequest, isSignedUpgrade } from './twilio/signature.ts';
import type { StreamTokens } from './twilio/stream-token.ts';
import { connectStream, dialPerson, hangUp, sayAndHangUp, takeVoicemail } from './twilio/twiml.ts';

export interface ServerOptions {
  publicUrl: string;
  authToken: string;
  calls: Pick<Calls, 'active' | 'full' | 'open' | 'decisionOf'>;
  tokens: StreamTokens;
  /** Why no call can be taken now, if so. */
  refusal(): 'draining' | 'full' | 'engine' | undefined;
  engineState(): string;
  staffPhone: string | undefined;
  language: string;
  log: Logger;
}

const SERVICE = 'twilio-ultravox-agent';
const RING_S = 25;
const TALK_LIMIT_S = 3600;
const MESSAGE_LIMIT_S = 120;

/** A media message is about 400 bytes; the closing handshake of a dead peer is not waited for. */
const SOCKET_LIMITS = { maxPayload: 16 * 1024, perMessageDeflate: false, closeTimeout: 2000 };

export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { calls, log } = options;
  const app = Fastify({
    logger: false,
    bodyLimit: 16 * 1024,
    requestTimeout: 10_000,
    connectionTimeout: 10_000,
    forceCloseConnections: true,
  });
  await app.register(formbody);
  app.setErrorHandler((error, _request, reply) => answerError(error, reply, log));

  app.get('/health', () => ({
    status: 'healthy',
    active_connections: calls.active,
    service: SERVICE,
  }));
  app.get('/ready', (_request, reply) => {
    const refusal = options.refusal();
    reply.code(refusal ? 503 : 200);
    return { ready: !refusal, ...(refusal && { reason: refusal }), engine: options.engineState() };
  });
  await app.register(async (signed) => addWebhooks(signed, options));
  acceptMediaSockets(app, options);
  return app;
}

function addWebhooks(app: FastifyInstance, options: ServerOptions): void {
  const { authToken, publicUrl, log } = options;
  app.addHook('preHandler', async (request, reply) => {
    const signature = headerOf(request.headers['x-twilio-signature']);
    const params = formOf(request);
    if (isSignedRequest({ authToken, signature, publicUrl, path: request.url, params })) return;
    log.warn({ route: request.routeOptions.url }, 'webhook signature rejected');
    await reply.code(403).send({ error: "expected Twilio's signature over the public URL" });
  });

  const onCall = (request: FastifyRequest, reply: FastifyReply) =>
    sendTwiml(reply, answerCall(callSidOf(request), options));
  app.post('/', onCall);
  app.get('/', onCall);
  app.post('/continue', (request, reply) =>
    sendTwiml(reply, continueCall(callSidOf(request), options)),
  );
  app.post('/dialled', (request, reply) => sendTwiml(reply, afterDialling(request, options)));
  app.post('/recorded', (request, reply) => {
    log.info({ callSid: callSidOf(request) }, 'voicemail recorded');
    return sendTwiml(
      reply,
      sayAndHangUp({ text: 'Thank you. Goodbye.', language: options.language }),
    );
  });
  app.post('/stream-status', (request, reply) => {
    const { StreamEvent: event, StreamError: error } = formOf(request);
    log.info(
      { callSid: callSidOf(request), event, ...(error !== undefined && { error }) },
      'stream status',
    );
    return reply.code(204).send();
  });
}

/** A ringing call: its media stream, or words and a person when it could not be served well. */
function answerCall(callSid: string, options: ServerOptions): string {
  const refusal = options.refusal();
  if (refusal) {
    options.log.warn({ callSid, refusal }, 'call not taken');
    return personOrGoodbye(options, 'I am sorry, our automatic assistant is busy just now.');
  }
  const { publicUrl } = options;
  return connectStream({
    streamUrl: `${publicUrl.replace(/^http/, 'ws')}/media`,
    statusCallbackUrl: `${publicUrl}/stream-status`,
    parameters: { token: options.tokens.issue(callSid) },
    continueUrl: `${publicUrl}/continue`,
  });
}

/** The stream has ended and the caller is still there: do what the call decided. */
function continueCall(callSid: string, options: ServerOptions): string {
  const outcome = options.calls.decisionOf(callSid);
  switch (outcome) {
    case 'completed':
    case 'abandoned':
    case 'timedOut':
      return hangUp();
    case 'handedOff':
      return personOrGoodbye(options);
    case 'voicemail':
      return takeMessage(options, '');
    default:
      options.log.warn({ callSid, outcome }, 'call continues without its stream');
      return personOrGoodbye(options, 'I am sorry, something went wrong on our side.');
  }
}

function afterDialling(request: FastifyRequest, options: ServerOptions): string {
  const { DialCallStatus: status } = formOf(request);
  options.log.info({ callSid: callSidOf(request), status }, 'person dialled');
  if (status === 'completed' || status === 'answered') return hangUp();
  return takeMessage(options, 'I am sorry, nobody can take your call. Please leave a message.');
}

function personOrGoodbye(options: ServerOptions, words?: string): string {
  const { staffPhone, publicUrl, language } = options;
  if (staffPhone) {
    return dialPerson({
      number: staffPhone,
      ...(words && { announce: `${words} I will connect you.` }),
      actionUrl: `${publicUrl}/dialled`,
      timeoutS: RING_S,
      timeLimitS: TALK_LIMIT_S,
    });
  }
  return sayAndHangUp({
    text: `${words ?? ''} Please call again later. Goodbye.`.trim(),
    language,
  });
}

function takeMessage(options: ServerOptions, text: string): string {
  return takeVoicemail({
    text,
    actionUrl: `${options.publicUrl}/recorded`,
    maxLengthS: MESSAGE_LIMIT_S,
  });
}

function acceptMediaSockets(app: FastifyInstance, options: ServerOptions): void {
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

function sendTwiml(reply: FastifyReply, twiml: string): FastifyReply {
  return reply.header('content-type', 'text/xml; charset=utf-8').send(twiml);
}

/** Twilio plays its own error message on a failed webhook, so this happens only to strangers. */
function answerError(error: unknown, reply: FastifyReply, log: Logger): FastifyReply {
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status >= 500) log.error({ err: error }, 'request failed');
  return reply.code(status).send({ error: status >= 500 ? 'internal error' : 'bad request' });
}

function formOf(request: FastifyRequest): Record<string, unknown> {
  return request.method === 'POST' ? ((request.body as Record<string, unknown> | null) ?? {}) : {};
}

function callSidOf(request: FastifyRequest): string {
  const source = request.method === 'POST' ? formOf(request) : (request.query as object);
  const callSid = (source as Record<string, unknown>).CallSid;
  if (typeof callSid === 'string' && /^CA[0-9a-fA-F]{32}$/.test(callSid)) return callSid;
  throw Object.assign(new Error('expected a CallSid'), { statusCode: 400 });
}

function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? undefined : value;
}
