/** `/metrics`, for Prometheus: for whoever may look without a token, and with the token for others. */
import type { FastifyInstance } from 'fastify';
import type { Bearer } from './bearer.ts';
import type { ServerOptions } from './server-options.ts';
import { requireViewer } from './viewer.ts';

/** Figures as text, in the format that the content type names. */
export interface Exposition {
  contentType: string;
  text: string;
}

/** Looks on at the requests of strangers and of Twilio. It must not throw. */
export interface ServerWatch {
  /** @param route as it was declared; undefined: nothing is there */
  answered(route: string | undefined, status: number, ms: number): void;
  signatureRejected(route: string | undefined): void;
  /** A call was answered in words, as no agent could take it. */
  callRefused(reason: string): void;
}

export function addMetrics(app: FastifyInstance, options: ServerOptions, bearer: Bearer): void {
  const { metrics } = options;
  if (!metrics) return;
  requireViewer(app, options, bearer);
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metrics();
    return reply.type(contentType).send(text);
  });
}

/** Tells of every answer, once it has been given. */
export function watchAnswers(app: FastifyInstance, { watch }: Pick<ServerOptions, 'watch'>): void {
  if (!watch) return;
  app.addHook('onResponse', async (request, reply) => {
    watch.answered(request.routeOptions.url, reply.statusCode, reply.elapsedTime);
  });
}
