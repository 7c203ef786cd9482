/** Twilio's requests: nothing of them is believed before the signature has been checked. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isSignedRequest } from '../twilio/signature.ts';
import type { ServerOptions } from './server-options.ts';

/** The fields of a webhook. */
export type Form = Readonly<Record<string, string | undefined>>;

/** Refuses whatever Twilio has not signed, on every route of this scope. */
export function requireSignature(
  app: FastifyInstance,
  options: Pick<ServerOptions, 'authToken' | 'publicUrl' | 'log' | 'watch'>,
): void {
  const { authToken, publicUrl, log, watch } = options;
  app.addHook('preHandler', async (request, reply) => {
    const signature = headerOf(request.headers['x-twilio-signature']);
    const params = request.method === 'POST' ? bodyOf(request) : {};
    if (isSignedRequest({ authToken, signature, publicUrl, path: request.url, params })) return;
    const route = request.routeOptions.url;
    log.warn({ route }, 'webhook signature rejected');
    watch?.signatureRejected(route);
    await reply.code(403).send({ error: "expected Twilio's signature over the public URL" });
  });
}

/** Of a POST its body, of a GET its query; a repeated field of a query counts as none. */
export function formOf(request: FastifyRequest): Form {
  const source = request.method === 'POST' ? bodyOf(request) : (request.query as object);
  return Object.fromEntries(
    Object.entries(source).filter(([, value]) => typeof value === 'string'),
  ) as Form;
}

export function isCallSid(value: unknown): value is string {
  return typeof value === 'string' && /^CA[0-9a-fA-F]{32}$/.test(value);
}

/** @throws an error with the HTTP status 400 */
export function callSidOf(form: Form): string {
  if (isCallSid(form.CallSid)) return form.CallSid;
  throw Object.assign(new Error('expected a CallSid'), { statusCode: 400 });
}

export function headerOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? undefined : value;
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  return (request.body as Record<string, unknown> | null) ?? {};
}
