/** The account itself as REST shows it: its state, its numbers, and where it may call. */
import { failure, type RestAnswer } from './rest-answer.ts';

/** To be changed at will. */
export interface SimulatedAccount {
  status: 'active' | 'suspended' | 'closed';
  type: 'Full' | 'Trial';
  numbers: SimulatedNumber[];
  /** By ISO 3166 code. Ordinary numbers of a country that is not named may be called, others not. */
  dialing: Record<string, Partial<DialingPermission>>;
  /** How far Twilio's clock, by its Date header, is ahead of this machine's. */
  clockAheadMs: number;
}

/** As Twilio's JSON has it. */
export interface SimulatedNumber {
  sid: string;
  phone_number: string;
  voice_url: string | null;
  voice_method: string;
  voice_fallback_url: string | null;
  voice_fallback_method: string;
  status_callback: string | null;
  status_callback_method: string;
  voice_application_sid: string | null;
  trunk_sid: string | null;
  capabilities: { voice: boolean };
}

export interface DialingPermission {
  low_risk_numbers_enabled: boolean;
  high_risk_special_numbers_enabled: boolean;
  high_risk_tollfraud_numbers_enabled: boolean;
}

export function newAccount(given: Partial<SimulatedAccount> = {}): SimulatedAccount {
  return {
    status: 'active',
    type: 'Full',
    numbers: [],
    dialing: {},
    clockAheadMs: 0,
    ...given,
  };
}

/** A number as Twilio sells it: nothing of it points anywhere yet. */
export function newNumber(
  phoneNumber: string,
  given: Partial<SimulatedNumber> = {},
): SimulatedNumber {
  return {
    sid: `PN${phoneNumber.slice(1).padStart(32, '0')}`,
    phone_number: phoneNumber,
    voice_url: null,
    voice_method: 'POST',
    voice_fallback_url: null,
    voice_fallback_method: 'POST',
    status_callback: null,
    status_callback_method: 'POST',
    voice_application_sid: null,
    trunk_sid: null,
    capabilities: { voice: true },
    ...given,
  };
}

export interface AccountRequest {
  method: string;
  /** With its query. */
  path: string;
  form: URLSearchParams;
}

/** Undefined: it asks for something else than the account, its numbers or its permissions. */
export function answerAccount(
  account: SimulatedAccount,
  accountSid: string,
  { method, path, form }: AccountRequest,
): RestAnswer | undefined {
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  const country = /^\/v1\/DialingPermissions\/Countries\/([A-Z]{2})$/.exec(pathname)?.[1];
  if (country) return { status: 200, body: permissionOf(account, country) };
  const base = `/2010-04-01/Accounts/${accountSid}`;
  if (pathname === `${base}.json`) {
    const { status, type } = account;
    return { status: 200, body: { sid: accountSid, status, type, friendly_name: 'simulated' } };
  }
  if (pathname === `${base}/IncomingPhoneNumbers.json`) {
    return {
      status: 200,
      body: page(account.numbers, `${base}/IncomingPhoneNumbers`, searchParams),
    };
  }
  const sid = /\/IncomingPhoneNumbers\/(PN\w+)\.json$/.exec(pathname)?.[1];
  if (!sid || !pathname.startsWith(base)) return undefined;
  const number = account.numbers.find((each) => each.sid === sid);
  if (!number) return failure(404, 20404);
  if (method === 'POST') update(number, form);
  return { status: 200, body: number };
}

const PAGE_SIZE = 50;

function page(numbers: readonly SimulatedNumber[], base: string, query: URLSearchParams): object {
  const size = Number(query.get('PageSize') ?? PAGE_SIZE);
  const at = Number(query.get('Page') ?? 0);
  const isLast = (at + 1) * size >= numbers.length;
  return {
    incoming_phone_numbers: numbers.slice(at * size, (at + 1) * size),
    next_page_uri: isLast ? null : `${base}.json?PageSize=${size}&Page=${at + 1}`,
  };
}

function permissionOf(account: SimulatedAccount, country: string): object {
  return {
    iso_code: country,
    low_risk_numbers_enabled: true,
    high_risk_special_numbers_enabled: false,
    high_risk_tollfraud_numbers_enabled: false,
    ...account.dialing[country],
  };
}

const FIELDS = {
  VoiceUrl: 'voice_url',
  VoiceMethod: 'voice_method',
  VoiceFallbackUrl: 'voice_fallback_url',
  VoiceFallbackMethod: 'voice_fallback_method',
  StatusCallback: 'status_callback',
  StatusCallbackMethod: 'status_callback_method',
} as const;

/** Fields that are not given stay as they are. */
function update(number: SimulatedNumber, form: URLSearchParams): void {
  for (const [field, name] of Object.entries(FIELDS)) {
    const value = form.get(field);
    if (value !== null) Object.assign(number, { [name]: value });
  }
}
