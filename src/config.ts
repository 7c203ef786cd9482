/** The environment, parsed once into one frozen object. Everything that is wrong is named at once. */
import { isIP } from 'node:net';
import { z } from 'zod';

export type Config = Readonly<z.infer<typeof settings>> & { readonly cerebrium: boolean };

/** One line for each setting that is missing or malformed. Values are never repeated: some are secret. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      `${problems.length} setting(s) need attention:\n${problems.map((p) => `  ${p}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** @param env Environment variables; empty ones count as not set. @throws {ConfigError} */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in settings.shape && value?.trim() !== ''),
  );
  const parsed = settings.safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => describe(issue, given));
  // Cerebrium starts every container with these three set.
  const cerebrium = Boolean(env.APP_NAME && env.PROJECT_ID && env.BUILD_ID);
  if (cerebrium && !given.CEREBRIUM_PROJECT_ID) {
    problems.push(
      'CEREBRIUM_PROJECT_ID: expected the project id, as this runs on Cerebrium; it is not set',
    );
  }
  if (!given.ULTRAVOX_URL && !given.HF_TOKEN) {
    problems.push(
      'HF_TOKEN: expected a Hugging Face token, as without ULTRAVOX_URL vLLM is started here; it is not set',
    );
  }
  if (given.BOOKING_WEBHOOK_URL && !given.BOOKING_WEBHOOK_SECRET) {
    problems.push(
      'BOOKING_WEBHOOK_SECRET: expected a secret, as bookings are sent to a webhook; it is not set',
    );
  }
  if (given.OUTBOUND_COUNTRIES && !given.OUTBOUND_FROM) {
    problems.push(
      'OUTBOUND_FROM: expected a number of the account, as outbound calls are allowed; it is not set',
    );
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({ ...parsed.data, cerebrium });
}

const text = (what: string) => z.string(`expected ${what}`).trim().min(1, `expected ${what}`);

function number(minimum: number, maximum: number, fallback: number, unit: string) {
  const expected = `expected a number (${unit}) from ${minimum} to ${maximum}`;
  return z
    .string()
    .trim()
    .regex(/^\d+(\.\d+)?$/, expected)
    .transform(Number)
    .pipe(z.number().min(minimum, expected).max(maximum, expected))
    .default(fallback);
}

function integer(minimum: number, maximum: number, fallback: number, unit: string) {
  const expected = `expected a whole number (${unit}) from ${minimum} to ${maximum}`;
  return number(minimum, maximum, fallback, unit).refine(Number.isInteger, expected);
}

function url(schemes: readonly string[], what: string) {
  const expected = `expected ${what}, starting with ${schemes.map((s) => `${s}//`).join(' or ')}`;
  return z
    .string(expected)
    .trim()
    .refine((value) => {
      const parsed = URL.parse(value);
      return parsed !== null && schemes.includes(parsed.protocol) && parsed.search === '';
    }, expected)
    .transform((value) => value.replace(/\/+$/, ''));
}

/** Addresses are looked up and checked; one that is written out would not be. */
function namesHost(address: string): boolean {
  const { hostname, username, password } = new URL(address);
  return !isIP(hostname.replace(/^\[|\]$/g, '')) && !username && !password;
}

const E164 = /^\+[1-9]\d{6,14}$/;

const settings = z.object({
  PORT: integer(0, 65535, 8080, 'port'),
  HOST: text('an address to listen on').default('0.0.0.0'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'expected one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info'),
  /** As Twilio sees us: signatures are computed over it. With the path prefix, if there is one. */
  PUBLIC_URL: url(['https:', 'http:'], 'the address under which Twilio reaches this server'),

  TWILIO_ACCOUNT_SID: text('an account SID, AC and 32 hexadecimal digits').regex(
    /^AC[0-9a-fA-F]{32}$/,
    'expected an account SID, AC and 32 hexadecimal digits',
  ),
  TWILIO_AUTH_TOKEN: text('the auth token of the Twilio account'),
  /** Only to run against something other than api.twilio.com. */
  TWILIO_API_URL: url(['https:', 'http:'], 'the address of the Twilio API').optional(),

  CARTESIA_API_KEY: text('a Cartesia API key'),
  CARTESIA_VOICE_ID: text('the id of a Cartesia voice').default(
    '97f4b8fb-f2fe-444b-bb9a-c109783a857a',
  ),
  CARTESIA_MODEL: text('the name of a Cartesia model').default('sonic-3.5'),
  /** Contexts that may speak at once, by the plan: Free 2, Pro 3, Startup 5, Scale 15. */
  CARTESIA_MAX_CONTEXTS: integer(1, 1000, 5, 'contexts'),
  /** host:port of something that speaks Cartesia's protocol without TLS: the simulator. */
  CARTESIA_PLAINTEXT_ADDRESS: z
    .string()
    .regex(/^[^:\s]+:\d+$/, 'expected host:port')
    .optional(),

  /** An OpenAI-compatible endpoint with audio. Without it, vLLM is started on this machine. */
  ULTRAVOX_URL: url(['http:', 'https:'], 'the address of the engine, ending in /v1').optional(),
  ULTRAVOX_API_KEY: text('the key of the engine').optional(),
  ULTRAVOX_MODEL: text('the name under which the model is served').default(
    'fixie-ai/ultravox-v0_5-llama-3_1-8b',
  ),
  ULTRAVOX_TEMPERATURE: number(0, 2, 0.3, 'temperature'),
  ULTRAVOX_MAX_TOKENS: integer(8, 1024, 160, 'tokens'),
  ULTRAVOX_FIRST_TOKEN_SECONDS: number(0.2, 60, 4, 'seconds'),
  ULTRAVOX_BETWEEN_TOKENS_SECONDS: number(0.1, 60, 1.5, 'seconds'),
  HF_TOKEN: text('a Hugging Face token').optional(),
  VLLM_COMMAND: text('the command that starts vLLM').default('vllm'),
  CEREBRIUM_PROJECT_ID: text('the project id').optional(),

  ENGINE_CONCURRENCY: integer(1, 64, 1, 'requests in the slot'),
  /** What a slot covers: until the first token (vLLM batches the rest) or the whole reply. */
  ENGINE_SLOT: z
    .enum(['firstToken', 'wholeReply'], { error: 'expected firstToken or wholeReply' })
    .default('firstToken'),
  ENGINE_MAX_STREAMS: integer(1, 256, 32, 'streams'),
  ENGINE_MAX_QUEUE: integer(1, 10_000, 128, 'requests'),

  MAX_CALLS: integer(1, 1000, 50, 'calls'),
  MAX_CONVERSATION_TURNS: integer(1, 1000, 50, 'turns'),
  MAX_CALL_MINUTES: number(0.01, 240, 30, 'minutes'),
  INACTIVITY_SECONDS: number(1, 3600, 300, 'seconds'),
  FIRST_MESSAGES_SECONDS: number(0.1, 60, 10, 'seconds'),
  IDLE_SECONDS: number(0.5, 120, 8, 'seconds'),
  SHUTDOWN_GRACE_SECONDS: number(0, 7200, 1900, 'seconds'),

  /** Where the embedded database, its spool, recordings and nothing else is kept. */
  DATA_DIRECTORY: text('a directory').default('data'),
  /** PostgreSQL, for more than one replica; without it, SQLite under DATA_DIRECTORY. */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, 'expected an address starting with postgres://')
    .optional(),
  RETENTION_WORDS_DAYS: integer(1, 3650, 30, 'days'),
  RETENTION_MESSAGES_DAYS: integer(1, 3650, 90, 'days'),
  RETENTION_RESERVATIONS_DAYS: integer(1, 3650, 400, 'days'),
  RETENTION_RECORDS_DAYS: integer(1, 3650, 400, 'days'),
  /** Whether the sound of calls is kept, under DATA_DIRECTORY. Whoever is recorded must be told. */
  RECORD_CALLS: z.enum(['on', 'off'], { error: 'expected on or off' }).default('off'),
  RETENTION_RECORDINGS_DAYS: integer(1, 3650, 30, 'days'),
  /** Makes the key under which a caller's records are found; without it, the auth token does. */
  CALLER_KEY_SECRET: text('a secret').optional(),

  /** Bearer token of `/calls`, outbound calls and viewers elsewhere; without it these are off. */
  API_TOKEN: z.string().min(16, 'expected a token of at least 16 characters').optional(),
  /** Who may look at `/visualiser`: `on` lets whoever is at this machine look without a token. */
  VISUALISER: z.enum(['on', 'token', 'off'], { error: 'expected on, token or off' }).default('on'),
  /** ISO 3166 codes; outbound calls go to these countries only, and nowhere without it. */
  OUTBOUND_COUNTRIES: z
    .string()
    .regex(/^[A-Z]{2}(,\s*[A-Z]{2})*$/, 'expected country codes such as DE,AT')
    .transform((codes) => codes.split(/,\s*/))
    .optional(),
  /** The caller id of outbound calls: a number of the account. */
  OUTBOUND_FROM: z
    .string()
    .regex(E164, 'expected a phone number with country code, such as +15551234567')
    .optional(),

  /** The restaurant's own booking system, in place of our database. */
  BOOKING_WEBHOOK_URL: url(['https:'], 'the address of the booking system')
    .refine(namesHost, 'expected a host name in it, no IP address and no password')
    .optional(),
  BOOKING_WEBHOOK_SECRET: z
    .string()
    .min(16, 'expected a secret of at least 16 characters')
    .optional(),

  /** The file that describes the restaurant, YAML or JSON; without it, a sample. */
  RESTAURANT_PROFILE: text('the path of a file').optional(),
});

function describe(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const name = String(issue.path[0]);
  const came = given[name] === undefined ? 'it is not set' : 'what it holds is something else';
  return `${name}: ${issue.message}; ${came}`;
}
