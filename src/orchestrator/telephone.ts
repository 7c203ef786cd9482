/** What the server asks of Twilio by itself, as the settings describe it. */
import type { Config } from '../config.ts';
import type { ServerOptions } from '../server/server-options.ts';
import { outboundCalls } from '../twilio/outbound-calls.ts';
import { TwilioRest } from '../twilio/rest.ts';

/** Loads nothing yet. */
export function newTwilioRest(config: Config): TwilioRest {
  return new TwilioRest({
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    ...(config.TWILIO_API_URL && { baseUrl: config.TWILIO_API_URL }),
  });
}

/** Undefined where nobody may be called. */
export function outboundDial(
  config: Config,
  rest: Pick<TwilioRest, 'placeCall'>,
): ServerOptions['dial'] {
  const { OUTBOUND_COUNTRIES: countries, OUTBOUND_FROM: from, PUBLIC_URL: publicUrl } = config;
  if (!countries || !from) return undefined;
  const timeLimitS = Math.ceil(config.MAX_CALL_MINUTES * 60);
  return outboundCalls({ rest, countries, from, publicUrl, timeLimitS });
}
