/** What Twilio tells beside the call: how it ended, who answered, how the stream fares. */
import type { FastifyInstance } from 'fastify';
import { partyFields, writeCall } from './call-journal.ts';
import { keptAnswer } from './kept-answer.ts';
import { networkOutcome } from './network-outcome.ts';
import { secondsOf } from './seconds.ts';
import type { Answerer, ServerOptions } from './server-options.ts';
import { callSidOf, type Form, formOf } from './signed-form.ts';

export function addStatusWebhooks(app: FastifyInstance, options: ServerOptions): void {
  app.post(
    '/status',
    keptAnswer(options, (form, callSid) => noteEnd(form, callSid, options)),
  );
  app.post(
    '/answered-by',
    keptAnswer(options, (form, callSid) => noteAnswerer(form, callSid, options)),
  );
  app.post('/stream-status', (request, reply) => {
    const form = formOf(request);
    const event = STREAM_EVENTS.find((known) => known === form.StreamEvent);
    // The code tells what went wrong; the words beside it may be anybody's.
    const error = /\b\d{5}\b/.exec(form.StreamError ?? '')?.[0];
    options.log.info({ callSid: callSidOf(form), event, ...(error && { error }) }, 'stream status');
    return reply.code(204).send();
  });
}

const STREAM_EVENTS = ['stream-started', 'stream-stopped', 'stream-error'] as const;

/**
 * The call is over, as the telephone network saw it. Each delivery says the same, and none of it
 * replaces what the call has said or will say itself.
 */
function noteEnd(form: Form, callSid: string, options: ServerOptions): boolean {
  const party = partyFields(form, options);
  const outcome = networkOutcome(form.CallStatus, party.direction);
  if (!outcome) return true;
  const endedAt = Date.parse(form.Timestamp ?? '');
  const seconds = secondsOf(form.CallDuration);
  const fields = {
    ...party,
    outcome,
    outcome_is_own: 0,
    reason: null,
    ended_at: endedAt > 0 && endedAt < LAST_MS ? endedAt + REST_OF_SECOND_MS : Date.now(),
    ...(seconds !== undefined && { duration_ms: seconds * 1000 }),
  };
  options.log.info({ callSid, status: form.CallStatus }, 'call status');
  return writeCall(callSid, fields, options);
}

/** Twilio names the second in which a call ended. A short one began in it too, and not after its end. */
const REST_OF_SECOND_MS = 999;
/** Beyond the year 9999 a moment has no readable form. */
const LAST_MS = Date.UTC(10_000, 0);

/** Twilio listens on while the call goes on, and says after some seconds who it is. */
function noteAnswerer(form: Form, callSid: string, options: ServerOptions): boolean {
  const { log } = options;
  const answeredBy = ANSWERS.find((known) => known === form.AnsweredBy) ?? 'unknown';
  const who = answererOf(answeredBy);
  const livesHere = options.answeredBy(callSid, who);
  log.info({ callSid, answeredBy, livesHere }, 'call answered');
  const reached = livesHere || who === 'human' || who === 'unknown';
  const isWritten = writeCall(
    callSid,
    {
      answered_by: answeredBy,
      ...(!reached && { outcome: 'machine', outcome_is_own: 0, reason: null }),
    },
    options,
  );
  if (reached) return isWritten;
  // No call of ours would ever say goodbye to it.
  options
    .hangUp(callSid)
    .catch((error: unknown) => log.error({ callSid, err: error }, 'hang-up failed'));
  return isWritten;
}

const ANSWERS = [
  'human',
  'fax',
  'unknown',
  'machine_start',
  'machine_end_beep',
  'machine_end_silence',
  'machine_end_other',
] as const;

function answererOf(answeredBy: (typeof ANSWERS)[number]): Answerer {
  if (answeredBy === 'human' || answeredBy === 'fax' || answeredBy === 'unknown') return answeredBy;
  return 'machine';
}
