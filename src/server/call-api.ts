/** `/calls`: the records of calls, and calls to others, for whoever holds the token. */
import type { FastifyInstance } from 'fastify';
import { ApiError, answerApiErrors } from './api-error.ts';
import { type Bearer, requireBearer } from './bearer.ts';
import { callPage, wholeCall } from './call-records.ts';
import { outboundRequest } from './call-request.ts';
import { wholeCallView } from './call-view.ts';
import { inTime } from './in-time.ts';
import type { ServerOptions } from './server-options.ts';

/** The REST client gives up after 5 s by itself. */
const DIAL_MS = 8000;

export function addCallApi(app: FastifyInstance, options: ServerOptions, bearer: Bearer): void {
  requireBearer(app, bearer);
  const { log } = options;
  answerApiErrors(app, log);
  app.get('/calls', (request) => callPage(request, options));
  app.get('/calls/:sid', async (request) => wholeCallView(await wholeCall(request, options)));
  app.post('/calls', async (request, reply) => {
    const { to } = outboundRequest(request.body);
    const callSid = await dial(to, options);
    log.info({ callSid }, 'outbound call placed');
    return reply.code(201).send({ sid: callSid });
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
