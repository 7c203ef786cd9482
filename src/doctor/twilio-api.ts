/**
 * What the checks ask of Twilio's REST API. Not through its SDK: that cannot be cancelled, and does
 * not show the Date header.
 */
import { z } from 'zod';
import { type ExchangeAnswer, type ExchangeRequest, exchange } from './exchange.ts';
import { required, type UsableSettings } from './usable-settings.ts';

const API_URL = 'https://api.twilio.com';
const VOICE_URL = 'https://voice.twilio.com';

/**
 * - `unauthorized`: the SID or the auth token is wrong.
 * - `refused`: another status than was expected. `garbage`: not what Twilio documents.
 */
export class TwilioApiError extends Error {
  override name = 'TwilioApiError';
  readonly kind: 'unauthorized' | 'refused' | 'garbage';

  constructor(kind: 'unauthorized' | 'refused' | 'garbage', message: string) {
    super(message);
    this.kind = kind;
  }
}

const accountSchema = z.object({ status: z.string(), type: z.string() });
export type TwilioAccount = z.infer<typeof accountSchema>;

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const numberSchema = z.object({
  sid: z.string(),
  phone_number: z.string(),
  voice_url: text,
  voice_method: text,
  voice_fallback_url: text,
  voice_fallback_method: text,
  status_callback: text,
  status_callback_method: text,
  voice_application_sid: text,
  trunk_sid: text,
  capabilities: z.object({ voice: z.boolean() }),
});
/** As Twilio's JSON has it; what is not set is empty. */
export type TwilioNumber = z.infer<typeof numberSchema>;

const pageSchema = z.object({
  incoming_phone_numbers: z.array(numberSchema),
  next_page_uri: z.string().nullish(),
});

const permissionSchema = z.object({
  low_risk_numbers_enabled: z.boolean(),
  high_risk_special_numbers_enabled: z.boolean(),
  high_risk_tollfraud_numbers_enabled: z.boolean(),
});
export type TwilioPermission = z.infer<typeof permissionSchema>;

/** Numbers of an account that are read, 100 a page. */
const MOST_PAGES = 10;

/** All methods throw `TwilioApiError`, `ExchangeError` or the signal's reason. */
export interface TwilioApi {
  account(signal: AbortSignal): Promise<TwilioAccount>;
  /** The first 1,000. */
  numbers(signal: AbortSignal): Promise<TwilioNumber[]>;
  /** @param form by the names of Twilio's form, such as `VoiceUrl` */
  updateNumber(
    sid: string,
    form: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<TwilioNumber>;
  /** @param country ISO 3166 */
  permission(country: string, signal: AbortSignal): Promise<TwilioPermission>;
  /** What its clock says, ms since 1970, cut to the second; undefined: nothing. */
  clock(signal: AbortSignal): Promise<number | undefined>;
}

/** @throws {MissingSettingError} */
export function twilioApi(settings: UsableSettings): TwilioApi {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = required(
    settings,
    'TWILIO_ACCOUNT_SID',
    'TWILIO_AUTH_TOKEN',
  );
  const api = settings.TWILIO_API_URL ?? API_URL;
  const voice = settings.TWILIO_API_URL ?? VOICE_URL;
  const base = `${api}/2010-04-01/Accounts/${accountSid}`;
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  const ask = (url: string, signal: AbortSignal, request: ExchangeRequest = {}) =>
    exchange('Twilio', url, { ...request, headers: { authorization } }, signal);
  return {
    account: async (signal) => read(accountSchema, await ask(`${base}.json`, signal)),
    numbers: async (signal) => {
      const numbers: TwilioNumber[] = [];
      let next = `${base}/IncomingPhoneNumbers.json?PageSize=100`;
      for (let pages = 0; pages < MOST_PAGES; pages += 1) {
        const page = read(pageSchema, await ask(next, signal));
        numbers.push(...page.incoming_phone_numbers);
        if (!page.next_page_uri) break;
        next = `${api}${page.next_page_uri}`;
      }
      return numbers;
    },
    updateNumber: async (sid, form, signal) => {
      const url = `${base}/IncomingPhoneNumbers/${sid}.json`;
      return read(numberSchema, await ask(url, signal, { method: 'POST', form }));
    },
    permission: async (country, signal) => {
      const url = `${voice}/v1/DialingPermissions/Countries/${country}`;
      return read(permissionSchema, await ask(url, signal));
    },
    clock: async (signal) => {
      const { headers } = await ask(`${base}.json`, signal);
      const atMs = Date.parse(headers.get('date') ?? '');
      return Number.isNaN(atMs) ? undefined : atMs;
    },
  };
}

function read<T>(schema: z.ZodType<T>, { status, text }: ExchangeAnswer): T {
  if (status === 401) {
    throw new TwilioApiError(
      'unauthorized',
      'Twilio does not know this account SID and auth token',
    );
  }
  if (status !== 200) {
    throw new TwilioApiError('refused', `expected HTTP 200 of Twilio, got ${status}`);
  }
  const parsed = schema.safeParse(json(text));
  if (parsed.success) return parsed.data;
  throw new TwilioApiError('garbage', 'expected what Twilio documents, got something else');
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
