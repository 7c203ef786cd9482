/** A person takes over: dialled, told in one sentence what it is about, connected. */
import type { FastifyInstance } from 'fastify';
import { dialPerson, hangUp, whisper } from '../twilio/twiml.ts';
import { briefSentence } from './brief-sentence.ts';
import { decisionOf } from './call-decision.ts';
import { writeCall } from './call-journal.ts';
import type { ServerOptions } from './server-options.ts';
import { type Form, isCallSid } from './signed-form.ts';
import { spokenAnswer } from './spoken-answer.ts';
import { RING_S, TALK_LIMIT_S } from './telephone-limits.ts';
import { takeMessage } from './voicemail.ts';

export function addHandoffWebhooks(app: FastifyInstance, options: ServerOptions): void {
  app.post(
    '/brief',
    spokenAnswer(options, (form) => brief(form, options), unknownBrief),
  );
  app.post(
    '/dialled',
    spokenAnswer(options, (form, callSid) => afterDialling(form, callSid, options)),
  );
}

/** What is known of a hand-over; `before` is said first. */
export interface HandOver {
  language: string;
  before?: string | undefined;
  destination?: string | undefined;
  brief?: string | undefined;
}

/** Dials who is meant, if they can be reached now; undefined if not. */
export function handOver(
  callSid: string,
  { language, before, destination, brief }: HandOver,
  options: ServerOptions,
): string | undefined {
  const staff = options.staffNumber(destination);
  if (!staff) return undefined;
  const handoff_brief = briefSentence(brief);
  writeCall(
    callSid,
    { handoff_destination: staff.name, ...(handoff_brief && { handoff_brief }) },
    options,
  );
  return dialPerson({
    number: staff.number,
    // A call that decided to hand over has said so itself.
    ...(before && { announce: `${before} ${options.sayings(language).connecting}`, language }),
    briefUrl: `${options.publicUrl}/brief`,
    actionUrl: `${options.publicUrl}/dialled`,
    timeoutS: RING_S,
    timeLimitS: TALK_LIMIT_S,
  });
}

function unknownBrief(): string {
  return whisper({ text: 'A call from the automatic assistant.', language: 'en' });
}

/** On the person's side, before the two are connected. The form is that of the second call. */
async function brief(form: Form, options: ServerOptions): Promise<string> {
  const parent = form.ParentCallSid;
  const decision = isCallSid(parent) ? await decisionOf(parent, options) : undefined;
  const text = briefSentence(decision?.brief);
  if (!text) return unknownBrief();
  return whisper({ text, language: decision?.language ?? options.language });
}

async function afterDialling(form: Form, callSid: string, options: ServerOptions): Promise<string> {
  const status = STATUSES.find((known) => known === form.DialCallStatus);
  options.log.info({ callSid, status }, 'person dialled');
  // Answered and never connected: the person hung up during the brief.
  const talked = status === 'answered' || (status === 'completed' && form.DialBridged !== 'false');
  if (status) writeCall(callSid, { handoff_status: status }, options);
  if (talked) return hangUp();
  const decision = await decisionOf(callSid, options);
  const language = decision?.language ?? options.language;
  const say = options.sayings(language);
  return takeMessage(options, { text: `${say.nobodyAnswers} ${say.leaveMessage}`, language });
}

const STATUSES = ['completed', 'answered', 'busy', 'no-answer', 'failed', 'canceled'] as const;
