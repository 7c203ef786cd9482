import { dialPerson } from '../twilio/twiml.ts';
import type { ServerOptions } from './server-options.ts';
import { RING_S, TALK_LIMIT_S } from './telephone-limits.ts';
import { takeMessage } from './voicemail.ts';

/**
 * What a caller gets when a webhook has failed: an apology and a person, or else the tone. It needs
 * neither the engine nor the database nor what the call had decided. `docs/fallback.xml` is the same
 * without us: a document that Twilio keeps for the time when this server is down.
 */
export function fallbackDocument(
  options: Pick<ServerOptions, 'publicUrl' | 'language' | 'sayings' | 'staffNumber'>,
): string {
  const { publicUrl, language } = options;
  const say = options.sayings(language);
  const staff = options.staffNumber(undefined);
  if (!staff) return takeMessage(options, { text: `${say.somethingWrong} ${say.leaveMessage}` });
  return dialPerson({
    number: staff.number,
    announce: `${say.somethingWrong} ${say.connecting}`,
    language,
    actionUrl: `${publicUrl}/dialled`,
    afterwards: say.callAgainLater,
    timeoutS: RING_S,
    timeLimitS: TALK_LIMIT_S,
  });
}
