/** A caller leaves a message: it is stored once, however often Twilio tells of it. */
import type { FastifyInstance } from 'fastify';
import type { MessageRow } from '../journal/schema.ts';
import { sayAndHangUp } from '../twilio/twiml.ts';
import { decisionOf } from './call-decision.ts';
import { outsideNumber, writeCall, writeEntry } from './call-journal.ts';
import { keptAnswer } from './kept-answer.ts';
import { secondsOf } from './seconds.ts';
import type { ServerOptions } from './server-options.ts';
import type { Form } from './signed-form.ts';
import { spokenAnswer } from './spoken-answer.ts';

export function addVoicemailWebhooks(app: FastifyInstance, options: ServerOptions): void {
  app.post(
    '/recorded',
    spokenAnswer(options, async (form, callSid) => {
      const decision = await decisionOf(callSid, options);
      store(form, callSid, decision?.destination, options);
      const language = decision?.language ?? options.language;
      return sayAndHangUp({ text: options.sayings(language).thanksForMessage, language });
    }),
  );
  // Tells the same a second time, in case that the first could not be answered, or not be kept.
  app.post(
    '/recording-status',
    keptAnswer(options, async (form, callSid) => {
      if (form.RecordingStatus !== 'completed') return true;
      const decision = await decisionOf(callSid, options);
      return store(form, callSid, decision?.destination, options);
    }),
  );
}

/** @returns False: it is lost. */
function store(
  form: Form,
  callSid: string,
  destination: string | undefined,
  options: ServerOptions,
): boolean {
  const recording_url = recordingUrl(form);
  const recording_s = secondsOf(form.RecordingDuration);
  if (!recording_url || !recording_s) {
    options.log.info({ callSid }, 'no message left');
    return true;
  }
  const row: MessageRow = {
    id: recordingSid(form) ?? callSid,
    call_sid: callSid,
    created_at: Date.now(),
    kind: 'voicemail',
    destination: destination ?? null,
    name: null,
    phone: outsideNumber(form) ?? null,
    text: null,
    recording_url,
    recording_s,
  };
  const isWritten = writeEntry({ kind: 'message', row }, options);
  options.log.info({ callSid, seconds: recording_s }, 'voicemail recorded');
  return writeCall(callSid, { voicemail: 1 }, options) && isWritten;
}

/** Both webhooks must come to the same one, and only one of them always has the field. */
function recordingSid(form: Form): string | undefined {
  return /RE[0-9a-fA-F]{32}/.exec(`${form.RecordingSid ?? ''} ${form.RecordingUrl ?? ''}`)?.[0];
}

function recordingUrl(form: Form): string | undefined {
  const url = URL.parse(form.RecordingUrl ?? '');
  return url?.protocol === 'https:' && url.href.length <= 500 ? url.href : undefined;
}
