/** `/visualiser/api`: what the page asks of the records, for whoever may look. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WholeCall } from '../journal/call-list.ts';
import { ApiError, answerApiErrors } from './api-error.ts';
import { type Bearer, bearerOf, refuse } from './bearer.ts';
import { byteRange } from './byte-range.ts';
import { callPage, callSidOfPath, READ_MS, wholeCall } from './call-records.ts';
import { analysisQuery } from './call-request.ts';
import { wholeCallView } from './call-view.ts';
import { inTime } from './in-time.ts';
import type { PageTokens } from './page-tokens.ts';
import type { ServerOptions } from './server-options.ts';
import { addSoftphone } from './softphone.ts';
import { requireViewer } from './viewer.ts';

/** Of many calls at once. */
const ANALYSIS_MS = 8000;

/** Nothing of it is kept by a browser or a proxy, or shown within another site's page. */
const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

export function addVisualiserApi(
  app: FastifyInstance,
  options: ServerOptions,
  bearer: Bearer,
  pageTokens: PageTokens,
): void {
  app.addHook('onRequest', async (_request, reply) => void reply.headers(HEADERS));
  requireViewer(app, options, bearer);
  answerApiErrors(app, options.log);
  const { moments, analysis } = options.visualiser;
  app.get('/calls', (request) => callPage(request, options));
  app.get('/calls/:sid', (request) => shownCall(request, options));
  app.get('/calls/:sid/recording', (request, reply) => sendRecording(request, reply, options));
  app.get('/calls/:sid/numbers', (request, reply) => {
    return sendNumbers(request, reply, options, bearer);
  });
  app.get('/calls/:sid/moments', async (request) => {
    const call = await wholeCall(request, options);
    return inTime(moments(call), READ_MS, 'the replay');
  });
  app.get('/analysis', (request) => {
    return inTime(analysis(analysisQuery(request.query)), ANALYSIS_MS, 'the records');
  });
  addSoftphone(app, options, pageTokens);
}

/** As the API gives it; and is there a recording to play? */
async function shownCall(request: FastifyRequest, options: ServerOptions): Promise<object> {
  const call = await wholeCall(request, options);
  const { recording } = options.visualiser;
  const found = await inTime(recording(call.call.call_sid), READ_MS, 'the recordings');
  return { ...wholeCallView(call), recorded: found !== undefined };
}

/** The whole numbers, for whoever shows the token even where nobody else has to. */
async function sendNumbers(
  request: FastifyRequest,
  reply: FastifyReply,
  options: ServerOptions,
  bearer: Bearer,
): Promise<unknown> {
  const refusal = bearer.refusalOf(bearerOf(request.headers.authorization));
  if (refusal) return refuse(reply, refusal);
  const details = await wholeCall(request, options);
  options.log.info({ callSid: details.call.call_sid }, 'numbers of a call shown');
  return { numbers: numbersOf(details) };
}

function numbersOf({ messages, reservation }: WholeCall) {
  const all = [
    ...messages.map(({ phone }) => ({ of: 'message', number: phone })),
    { of: 'reservation', number: reservation?.phone ?? null },
  ];
  return all.filter(({ number }) => number !== null);
}

async function sendRecording(
  request: FastifyRequest,
  reply: FastifyReply,
  { visualiser }: ServerOptions,
): Promise<FastifyReply> {
  const callSid = callSidOfPath(request);
  const recording = await inTime(visualiser.recording(callSid), READ_MS, 'the recordings');
  if (!recording) throw new ApiError(404, 'expected a call that was recorded, got another');
  const { bytes } = recording;
  reply.header('accept-ranges', 'bytes').type('audio/wav');
  const range = byteRange(request.headers.range, bytes);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${bytes}`);
    throw new ApiError(416, 'expected a range within the recording, got one beyond it');
  }
  if (!range) return reply.header('content-length', bytes).send(recording.open());
  const { start, end } = range;
  return reply
    .code(206)
    .header('content-range', `bytes ${start}-${end}/${bytes}`)
    .header('content-length', end - start + 1)
    .send(recording.open(range));
}
