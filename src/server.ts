/** The HTTP side: Twilio's webhooks, the media socket, health, the API. Every answer to a call is spoken. */
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { Bearer } from './server/bearer.ts';
import { addCallApi } from './server/call-api.ts';
import { feedUpgrades } from './server/feed-socket.ts';
import { addHandoffWebhooks } from './server/handoff-webhooks.ts';
import { mediaUpgrades } from './server/media-socket.ts';
import { addMetrics, watchAnswers } from './server/metrics.ts';
import { PageTokens } from './server/page-tokens.ts';
import type { ServerOptions } from './server/server-options.ts';
import { requireSignature } from './server/signed-form.ts';
import { addStatusWebhooks } from './server/status-webhooks.ts';
import { routeUpgrades } from './server/upgrades.ts';
import { addVisualiser } from './server/visualiser.ts';
import { addVoiceWebhooks } from './server/voice-webhooks.ts';
import { addVoicemailWebhooks } from './server/voicemail-webhooks.ts';

const SERVICE = 'twilio-ultravox-agent';

export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { calls, log } = options;
  const app = Fastify({
    logger: false,
    bodyLimit: 16 * 1024,
    requestTimeout: 10_000,
    connectionTimeout: 10_000,
    forceCloseConnections: true,
    // What is wrong before there is a route, such as a path with broken escapes.
    frameworkErrors: (error, _request, reply) => answerError(error, reply, log),
  });
  await app.register(formbody);
  watchAnswers(app, options);
  // Fastify's own would repeat the path.
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not found' }));
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
  await app.register(async (signed) => {
    requireSignature(signed, options);
    addVoiceWebhooks(signed, options);
    addHandoffWebhooks(signed, options);
    addVoicemailWebhooks(signed, options);
    addStatusWebhooks(signed, options);
  });
  const bearer = new Bearer(options.apiToken);
  const pageTokens = new PageTokens(options.authToken);
  await app.register(async (api) => addCallApi(api, options, bearer));
  await app.register(async (figures) => addMetrics(figures, options, bearer));
  await app.register(async (page) => addVisualiser(page, options, bearer, pageTokens));
  routeUpgrades(app, {
    '/media': mediaUpgrades(app, options, pageTokens),
    ...(options.visualiser.access !== 'off' && {
      '/visualiser/feed': feedUpgrades(app, options, bearer),
    }),
  });
  return app;
}

/** No call of Twilio's comes here: its webhooks are answered in words. */
function answerError(error: unknown, reply: FastifyReply, log: Logger): FastifyReply {
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status >= 500) log.error({ err: error }, 'request failed');
  return reply.code(status).send({ error: status >= 500 ? 'internal error' : 'bad request' });
}
