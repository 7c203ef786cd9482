/**
 * `npm run dial -- +4930123456`: the agent calls somebody. It needs the settings of the server that
 * will talk, and that they allow outbound calls.
 *
 * Exit codes: 0 the call was placed; 1 Twilio did not take it; 2 nothing was asked of Twilio.
 */
import { type Config, ConfigError, loadConfig } from './config.ts';
import { DestinationRefusedError, outboundCalls } from './twilio/outbound-calls.ts';
import { TwilioRest, TwilioRestError } from './twilio/rest.ts';

const USAGE = `npm run dial -- +15551234567

  Calls this number and has the server at PUBLIC_URL talk. The environment is that of the server;
  OUTBOUND_COUNTRIES must name the number's country, OUTBOUND_FROM a number of the account.`;

process.exitCode = await dial(process.argv.slice(2));

async function dial(args: readonly string[]): Promise<number> {
  const [to] = args;
  if (!to || args.length > 1) return refuse(USAGE);
  let config: Config;
  try {
    config = loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return refuse(error.message);
  }
  const { OUTBOUND_COUNTRIES: countries, OUTBOUND_FROM: from } = config;
  if (!countries || !from) {
    return refuse(
      'OUTBOUND_COUNTRIES: expected the countries that may be called, such as DE,AT, ' +
        'as without it nobody is; it is not set',
    );
  }
  try {
    console.log(await callFrom(config, countries, from)(to));
    return 0;
  } catch (error) {
    if (error instanceof DestinationRefusedError) return refuse(error.message);
    if (!(error instanceof TwilioRestError)) throw error;
    console.error(
      error.kind === 'unreachable'
        ? `${error.message}; the call may have been placed, so look before trying again`
        : error.message,
    );
    return 1;
  }
}

function callFrom(config: Config, countries: readonly string[], from: string) {
  const rest = new TwilioRest({
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    ...(config.TWILIO_API_URL && { baseUrl: config.TWILIO_API_URL }),
  });
  const { PUBLIC_URL: publicUrl, MAX_CALL_MINUTES: minutes } = config;
  return outboundCalls({ rest, countries, from, publicUrl, timeLimitS: Math.ceil(minutes * 60) });
}

function refuse(message: string): 2 {
  console.error(message);
  return 2;
}
