/**
 * The stream has ended and the caller is still there: what the call decided is done. A call whose
 * stream broke, or that was given away, goes on with a new one, in whichever process has been asked.
 */
import { isPassing } from '../journal/passing-outcome.ts';
import { askAgain, hangUp } from '../twilio/twiml.ts';
import { type CallDecision, decisionOf } from './call-decision.ts';
import { handOver } from './handoff-webhooks.ts';
import type { ServerOptions } from './server-options.ts';
import type { Form } from './signed-form.ts';
import { continueUrl, streamDocument } from './stream-document.ts';
import { takenOver } from './taken-over.ts';
import { takeMessage } from './voicemail.ts';

/** Within a minute. A call that breaks more often is better off with a person. */
const MAX_BREAKS = 3;
/** A process that is going is gone by then, or another one is asked. */
const ASK_AGAIN_S = 1;

export async function continueCall(
  form: Form,
  callSid: string,
  options: ServerOptions,
): Promise<string> {
  const decision = await decisionOf(callSid, options);
  if (decision && !isPassing(decision.outcome)) return carryOut(callSid, decision, options);
  const taken = await takenOver(callSid, options);
  if (taken === 'elsewhere') return askAgain({ url: continueUrl(options), afterS: ASK_AGAIN_S });
  if (taken === 'ended') return endCall(callSid, options);
  if (taken === 'unknown' || taken.breaks > MAX_BREAKS)
    return apologise(callSid, options, decision);
  options.log.warn({ callSid, ...taken }, 'call continues on a new stream');
  return streamDocument(form, callSid, options, taken.epoch);
}

/** It may have told what it decided only just now, from another process. */
async function endCall(callSid: string, options: ServerOptions): Promise<string> {
  const decision = await decisionOf(callSid, options);
  if (!decision || isPassing(decision.outcome)) return hangUp();
  return carryOut(callSid, decision, options);
}

function carryOut(callSid: string, decision: CallDecision, options: ServerOptions): string {
  const { outcome, destination, brief, language = options.language } = decision;
  switch (outcome) {
    case 'completed':
    case 'abandoned':
    case 'timedOut':
      return hangUp();
    case 'handedOff': {
      const say = options.sayings(language);
      const text = `${say.nobodyAnswers} ${say.leaveMessage}`;
      return (
        handOver(callSid, { language, destination, brief }, options) ??
        takeMessage(options, { text, language })
      );
    }
    case 'voicemail':
      // The call itself has asked for the message.
      return takeMessage(options, { text: '', language });
    default:
      return apologise(callSid, options, decision);
  }
}

/** Nobody can go on with it: words, and a person or a message. */
function apologise(
  callSid: string,
  options: ServerOptions,
  decision: CallDecision | undefined,
): string {
  const { outcome, language = options.language } = decision ?? {};
  options.log.warn({ callSid, outcome }, 'call continues without its stream');
  const say = options.sayings(language);
  const text = `${say.somethingWrong} ${say.leaveMessage}`;
  return (
    handOver(callSid, { language, before: say.somethingWrong }, options) ??
    takeMessage(options, { text, language })
  );
}
