import { ASKED_AGAIN } from '../twilio/told-again.ts';
import { connectStream } from '../twilio/twiml.ts';
import { directionOf, outsideNumber } from './call-journal.ts';
import type { ServerOptions } from './server-options.ts';
import type { Form } from './signed-form.ts';

/** @param epoch of the life that begins with this stream; the first one's stream does not carry it */
export function streamDocument(
  form: Form,
  callSid: string,
  { publicUrl, tokens }: Pick<ServerOptions, 'publicUrl' | 'tokens'>,
  epoch?: number,
): string {
  const caller = outsideNumber(form);
  const claims = {
    direction: directionOf(form),
    ...(caller && { caller }),
    ...(epoch !== undefined && { epoch: String(epoch) }),
  };
  return connectStream({
    streamUrl: `${publicUrl.replace(/^http/, 'ws')}/media`,
    statusCallbackUrl: `${publicUrl}/stream-status`,
    parameters: { token: tokens.issue(callSid, claims), ...claims },
    continueUrl: continueUrl({ publicUrl }),
  });
}

/** Whoever it reached first may have died with the stream. */
export function continueUrl({ publicUrl }: Pick<ServerOptions, 'publicUrl'>): string {
  return `${publicUrl}/continue${ASKED_AGAIN}`;
}
