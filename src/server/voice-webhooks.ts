/** A call begins, goes on after its stream, or has fallen back. */
import type { FastifyInstance } from 'fastify';
import { sayAndHangUp } from '../twilio/twiml.ts';
import { directionOf, partyFields, writeCall } from './call-journal.ts';
import { continueCall } from './continued-call.ts';
import { fallbackDocument } from './fallback.ts';
import { handOver } from './handoff-webhooks.ts';
import type { Refusal, ServerOptions } from './server-options.ts';
import type { Form } from './signed-form.ts';
import { spokenAnswer } from './spoken-answer.ts';
import { streamDocument } from './stream-document.ts';
import { takeMessage } from './voicemail.ts';

export function addVoiceWebhooks(app: FastifyInstance, options: ServerOptions): void {
  const onCall = spokenAnswer(options, (form, callSid) => answerCall(form, callSid, options));
  app.post('/', onCall);
  app.get('/', onCall);
  const onContinue = spokenAnswer(options, (form, callSid) => continueCall(form, callSid, options));
  app.post('/continue', onContinue);
  const onFallback = spokenAnswer(options, (form, callSid) => fallBack(form, callSid, options));
  app.post('/fallback', onFallback);
  app.get('/fallback', onFallback);
}

/** No caller waits longer than this for a disk and a database that are both slow. */
const KEPT_MS = 250;

/** A ringing call: its media stream, or words and a person when it could not be served well. */
async function answerCall(form: Form, callSid: string, options: ServerOptions): Promise<string> {
  const refusal = options.admit(callSid);
  writeCall(
    callSid,
    {
      ...partyFields(form, options),
      ...(refusal && { outcome: 'shed', outcome_is_own: 0, reason: refusal }),
    },
    options,
  );
  // From here on there is a record, whatever becomes of this process; the caller hears it ring.
  await options.journal.kept(KEPT_MS);
  if (refusal) return shed(form, callSid, refusal, options);
  return streamDocument(form, callSid, options);
}

/** Words, and a person; or a message with the wish to be called back, as nobody has heard the caller. */
function shed(form: Form, callSid: string, refusal: Refusal, options: ServerOptions): string {
  options.log.warn({ callSid, refusal }, 'call not taken');
  options.watch?.callRefused(refusal);
  const { language } = options;
  const say = options.sayings(language);
  const goodbye = () => sayAndHangUp({ text: `${say.busy} ${say.callAgainLater}`, language });
  // Whoever was called by us has nothing to say to our staff.
  if (directionOf(form) === 'outbound') return goodbye();
  const handedOver = handOver(callSid, { language, before: say.busy }, options);
  if (handedOver) return handedOver;
  // A process that is going may not be there any more when the message is.
  if (refusal === 'draining') return goodbye();
  return takeMessage(options, { text: `${say.busy} ${say.leaveCallBack}`, language });
}

function fallBack(form: Form, callSid: string, options: ServerOptions): string {
  const code = /^\d{5}$/.exec(form.ErrorCode ?? '')?.[0];
  options.log.error({ callSid, code }, 'call fell back');
  const reason = code ? `twilio ${code}` : null;
  writeCall(callSid, { outcome: 'failed', outcome_is_own: 0, reason }, options);
  return fallbackDocument(options);
}
