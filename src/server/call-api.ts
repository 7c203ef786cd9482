/** `/calls`: the records of calls, and calls to others, for whoever holds the token. */
import type { FastifyInstance } from 'fastify';
import { CursorError } from '../journal/call-list.ts';
import { DestinationRefusedError } from '../twilio/outbound-calls.ts';
import { TwilioRestError } from '../twilio/rest.ts';
import { ApiError } from './api-error.ts';
import { requireBearer } from './bearer.ts';
import { callQuery, callSidRequest, outboundRequest } from './call-request.ts';
import { callView, wholeCallView } from './call-view.ts';
import type { ServerOptions } from './server-options.ts';

const READ_MS = 5000;
/** The REST client gives up after 5 s by itself. */
const DIAL_MS = 8000;

export function addCallApi(app: FastifyInstance, options: ServerOptions): void {
  requireBearer(app, options.apiToken);
  const { records, log } = options;
  app.get('/calls', async (request) => {
    const asked = callQuery(request.query);
    const { calls, next } = await inTime(records.list(asked), READ_MS, 'the records');
    return { calls: calls.map(callView), next: next ?? null };
  });
  app.get('/calls/:sid', async (request) => {
    const callSid = callSidRequest((request.params as { sid: string }).sid);
    const details = await inTime(records.one(callSid), READ_MS, 'the records');
    if (!details) throw new ApiError(404, 'expected a call with a record, got one without');
    return wholeCallView(details);
  });
  app.post('/calls', async (request, reply) => {
    const { to } = outboundRequest(request.body);
    const callSid = await dial(to, options);
    log.info({ callSid }, 'outbound call placed');
    return reply.code(201).send({ sid: callSid });
  });
  app.setErrorHandler((error, request, reply) => {
    const { statusCode, message } = asApiError(error);
    if (statusCode >= 500) log.error({ route: request.routeOptions.url, err: error }, 'API failed');
    return reply.code(statusCode).send({ error: message });
  });
}

async function dial(to: string, options: ServerOptions): Promise<string> {
  if (!options.dial) {
    throw new ApiError(403, 'outbound calls need OUTBOUND_COUNTRIES, which is not set');
  }
  const refusal = options.refusal();
  if (refusal) throw new ApiError(503, `nobody could talk on this call now: ${refusal}`);
  return inTime(options.dial(to), DIAL_MS, 'Twilio');
}

async function inTime<T>(work: Promise<T>, ms: number, who: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new ApiError(504, `expected an answer of ${who} within ${ms} ms, got none`)),
    ms,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is told to whoever asked; an error that is not known here tells nothing. */
function asApiError(error: unknown): { statusCode: number; message: string } {
  if (error instanceof ApiError) return error;
  if (error instanceof CursorError) return { statusCode: 400, message: error.message };
  if (error instanceof DestinationRefusedError) {
    return { statusCode: 400, message: `to: ${error.message}` };
  }
  if (error instanceof TwilioRestError) return { statusCode: 502, message: error.message };
  const statusCode = (error as { statusCode?: number }).statusCode ?? 500;
  if (statusCode >= 500) return { statusCode, message: 'the records cannot be used just now' };
  return {
    statusCode,
    message: 'expected JSON such as {"to": "+15551234567"}, got something else',
  };
}
