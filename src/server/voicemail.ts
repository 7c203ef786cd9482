import { TOLD_AGAIN } from '../twilio/told-again.ts';
import { takeVoicemail } from '../twilio/twiml.ts';
import type { ServerOptions } from './server-options.ts';

/** The longest message. */
const MESSAGE_LIMIT_S = 120;

/** Asks for a message; `text` is empty when the caller has been asked already. */
export function takeMessage(
  { publicUrl, language }: Pick<ServerOptions, 'publicUrl' | 'language'>,
  request: { text: string; language?: string },
): string {
  return takeVoicemail({
    text: request.text,
    language: request.language ?? language,
    actionUrl: `${publicUrl}/recorded`,
    recordingStatusUrl: `${publicUrl}/recording-status${TOLD_AGAIN}`,
    maxLengthS: MESSAGE_LIMIT_S,
  });
}
