/** `/visualiser`: the page, its files, and what it asks of the records. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type PageFile, PageFiles } from '../visualiser/page-files.ts';
import type { Bearer } from './bearer.ts';
import type { PageTokens } from './page-tokens.ts';
import type { ServerOptions } from './server-options.ts';
import { addVisualiserApi } from './visualiser-api.ts';

/** Nothing from elsewhere, nothing inline, in nobody's frame. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** The page itself is for everybody: it holds nothing before it has asked. */
export function addVisualiser(
  app: FastifyInstance,
  options: ServerOptions,
  bearer: Bearer,
  pageTokens: PageTokens,
): void {
  if (options.visualiser.access === 'off') return;
  const files = new PageFiles();
  // Relative, as a path prefix may stand before ours.
  app.get('/visualiser', (_request, reply) => reply.redirect('visualiser/', 308));
  app.get('/visualiser/', (request, reply) => sendFile(request, reply, files.index));
  app.get('/visualiser/files/*', (request, reply) => {
    const file = files.get((request.params as { '*': string })['*']);
    if (file) return sendFile(request, reply, file);
    return reply.code(404).send({ error: 'expected a file of the page, got another name' });
  });
  app.register(async (api) => addVisualiserApi(api, options, bearer, pageTokens), {
    prefix: '/visualiser/api',
  });
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply {
  reply.headers({ ...PAGE_HEADERS, etag: file.tag });
  if (request.headers['if-none-match'] === file.tag) return reply.code(304).send();
  return reply.type(file.type).send(file.body);
}
