/** Each setting: what it must be, what it is when nothing is said, and what it does. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { integer, number, oneOf, pattern, secret, text, url } from './setting.ts';
import { vllmArguments } from './vllm-arguments.ts';

/** The account, the address, and where it listens. */
const server = {
  PUBLIC_URL: url(
    ['https:', 'http:'],
    'the address under which Twilio reaches this server',
  ).describe(
    'As Twilio sees us: signatures are computed over it. With the path prefix, if there is one.',
  ),
  PORT: integer(0, 65535, 8080, 'port').describe('Where it listens.'),
  HOST: text('an address to listen on').default('0.0.0.0').describe('On which addresses.'),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info').describe(
    'From which level on lines are logged.',
  ),
  MAX_CALLS: integer(1, 1000, 50, 'calls').describe('Live calls in this process.'),
  SHUTDOWN_GRACE_SECONDS: number(0, 7200, 1900, 'seconds').describe(
    'How long live calls may go on after SIGTERM.',
  ),
  API_TOKEN: secret(16, 'a token')
    .optional()
    .describe(
      'Secret. The bearer token of `/calls`, of outbound calls, and of viewers and scrapers elsewhere; without it these are off.',
    ),
  VISUALISER: oneOf(['on', 'token', 'off'], 'on').describe(
    'Who may look at calls: `on` lets whoever is at this machine look without a token and others with `API_TOKEN`, `token` asks everybody for it, `off` leaves nothing there.',
  ),
  CEREBRIUM_PROJECT_ID: text('the project id')
    .optional()
    .describe('The project there: required on Cerebrium.'),
};

const telephone = {
  TWILIO_ACCOUNT_SID: pattern(
    /^AC[0-9a-fA-F]{32}$/,
    'an account SID, AC and 32 hexadecimal digits',
  ).describe('The account whose calls these are.'),
  TWILIO_AUTH_TOKEN: text('the auth token of the Twilio account').describe(
    'Secret. Signs what Twilio sends, and what we give out.',
  ),
  TWILIO_API_URL: url(['https:', 'http:'], 'the address of the Twilio API')
    .optional()
    .describe('Only to run against something other than api.twilio.com.'),
  OUTBOUND_COUNTRIES: pattern(/^[A-Z]{2}(,\s*[A-Z]{2})*$/, 'country codes such as DE,AT')
    .transform((codes) => codes.split(/,\s*/))
    .optional()
    .describe('Outbound calls go to these countries only, and nowhere without it.'),
  OUTBOUND_FROM: pattern(
    /^\+[1-9]\d{6,14}$/,
    'a phone number with country code, such as +15551234567',
  )
    .optional()
    .describe('The caller id of outbound calls: a number of the account.'),
};

const voice = {
  CARTESIA_API_KEY: text('a Cartesia API key').describe('Secret.'),
  CARTESIA_VOICE_ID: text('the id of a Cartesia voice')
    .default('97f4b8fb-f2fe-444b-bb9a-c109783a857a')
    .describe('Who speaks; a profile may name others for single languages.'),
  CARTESIA_MODEL: text('the name of a Cartesia model')
    .default('sonic-3.5')
    .describe('With which model.'),
  CARTESIA_MAX_CONTEXTS: integer(1, 1000, 5, 'contexts').describe(
    'Replies that may speak at once, by the plan: Free 2, Pro 3, Startup 5, Scale 15. Beyond it the embedded voice speaks.',
  ),
  CARTESIA_PLAINTEXT_ADDRESS: pattern(/^[^:\s]+:\d+$/, 'host:port')
    .optional()
    .describe("Something that speaks Cartesia's protocol without TLS: the simulator."),
};

const engine = {
  ULTRAVOX_URL: url(['http:', 'https:'], 'the address of the engine, ending in /v1')
    .optional()
    .describe(
      'An OpenAI-compatible endpoint that takes sound. Without it, vLLM is started on this machine.',
    ),
  ULTRAVOX_API_KEY: text('the key of the engine').optional().describe('Secret.'),
  ULTRAVOX_MODEL: text('the name under which the model is served')
    .default('fixie-ai/ultravox-v0_5-llama-3_1-8b')
    .describe('The model that is asked, and that a vLLM of our own serves.'),
  ULTRAVOX_TEMPERATURE: number(0, 2, 0.3, 'temperature').describe(
    'Higher is livelier, and wrong more often.',
  ),
  ULTRAVOX_MAX_TOKENS: integer(8, 1024, 160, 'tokens').describe('The longest reply.'),
  ULTRAVOX_FIRST_TOKEN_SECONDS: number(0.2, 60, 4, 'seconds').describe(
    'Beyond it a reply has failed.',
  ),
  ULTRAVOX_BETWEEN_TOKENS_SECONDS: number(0.1, 60, 1.5, 'seconds').describe('The same.'),
  ENGINE_CONCURRENCY: integer(1, 64, 1, 'requests in the slot').describe(
    'How many requests hold the slot at once.',
  ),
  ENGINE_SLOT: oneOf(['firstToken', 'wholeReply'], 'firstToken').describe(
    'What a slot covers: until the first token (vLLM batches the rest) or the whole reply.',
  ),
  ENGINE_SPECULATION: oneOf(['on', 'off'], 'on').describe(
    'Whether an answer is prepared at a short pause, before it is known that the caller has finished.',
  ),
  ENGINE_MAX_STREAMS: integer(1, 256, 32, 'streams').describe('Replies under way at once.'),
  ENGINE_MAX_QUEUE: integer(1, 10_000, 128, 'requests').describe('Requests that may wait.'),
  ENGINE_MAX_WAIT_SECONDS: number(0.05, 600, 1, 'seconds').describe(
    'No call is taken with which 1 request in 20 would stand in line for longer.',
  ),
  ENGINE_MAX_UTILISATION: number(0.1, 1000, 0.85, 'share').describe(
    'Nor one with which the engine would be busy for more than this share of its time.',
  ),
};

/** Where the engine is started here. */
const ownEngine = {
  HF_TOKEN: text('a Hugging Face token')
    .optional()
    .describe('Secret. Required without `ULTRAVOX_URL`: the model is loaded with it.'),
  HF_HOME: text('a directory')
    .optional()
    .describe(
      'Where models are kept: on storage that outlives the container, they are loaded only once.',
    ),
  VLLM_COMMAND: text('the command that starts vLLM')
    .default('vllm')
    .describe('The program; it is started again when it ends.'),
  VLLM_PORT: integer(1, 65535, 8000, 'port').describe('Where it serves, on loopback.'),
  VLLM_GPU_MEMORY_UTILIZATION: number(0.1, 1, 0.9, 'share').describe(
    "The share of the GPU's memory that it takes: weights, and the more cache the more is left.",
  ),
  VLLM_MAX_MODEL_LEN: integer(1024, 1_048_576, 8192, 'tokens').describe(
    'Prompt and reply of a call together. A second of sound is 6.25 tokens.',
  ),
  VLLM_DTYPE: oneOf(
    ['auto', 'half', 'float16', 'bfloat16', 'float', 'float32'],
    'bfloat16',
  ).describe('Of the weights.'),
  VLLM_MAX_NUM_SEQS: integer(1, 1024, 32, 'sequences').describe(
    'Replies that it writes at once; not fewer than `ENGINE_MAX_STREAMS`.',
  ),
  VLLM_EXTRA_ARGS: vllmArguments
    .default([])
    .describe('Further arguments of `vllm serve`; they replace those that we give.'),
};

const call = {
  MAX_CONVERSATION_TURNS: integer(1, 1000, 50, 'turns').describe(
    'Answers in a call; then a person is offered.',
  ),
  MAX_CALL_MINUTES: number(0.01, 240, 30, 'minutes').describe('Then it is said, and ended.'),
  IDLE_SECONDS: number(0.5, 120, 8, 'seconds').describe(
    'Silence of both sides before the caller is asked.',
  ),
  CALLER_TURN_SECONDS: number(1, 600, 60, 'seconds').describe(
    'The longest turn of the caller; then it is answered, whether it goes on or not. The model hears the last 30 s of it. After two such turns in a row goodbye is said: nobody is there.',
  ),
  TURN_MODEL_PATH: text('the path of a file')
    .optional()
    .describe(
      'A smart-turn v3 model, ONNX, such as `smart-turn-v3.2-cpu.onnx`: it is asked at each pause whether the caller has finished. Without it, pitch, energy and silence decide: [turns.md](turns.md).',
    ),
  INACTIVITY_SECONDS: number(1, 3600, 300, 'seconds').describe(
    'Without a turn of the caller; then goodbye is said.',
  ),
  FIRST_MESSAGES_SECONDS: number(0.1, 60, 10, 'seconds').describe(
    'How long an opened stream may take to say which call it is.',
  ),
};

const restaurant = {
  RESTAURANT_PROFILE: text('the path of a file')
    .optional()
    .describe(
      'The file that describes the restaurant, YAML or JSON; without it, a sample. Single fields can be overridden: [restaurant.md](restaurant.md).',
    ),
  BOOKING_WEBHOOK_URL: url(['https:'], 'the address of the booking system')
    .refine(namesHost, 'expected a host name in it, no IP address and no password')
    .optional()
    .describe(
      "The restaurant's own booking system, in place of our database: [bookings.md](bookings.md).",
    ),
  BOOKING_WEBHOOK_SECRET: secret(16, 'a secret')
    .optional()
    .describe('Secret. Signs what is sent there; required with it.'),
};

const records = {
  DATA_DIRECTORY: text('a directory')
    .default('data')
    .describe(
      'Where the embedded database, its spool, recordings and nothing else is kept; one for each replica.',
    ),
  DATABASE_URL: pattern(/^postgres(ql)?:\/\/\S+$/, 'an address starting with postgres://')
    .optional()
    .describe('Secret. PostgreSQL in place of the embedded database, for more than one replica.'),
  RETENTION_WORDS_DAYS: integer(1, 3650, 30, 'days').describe(
    'How long what was said is kept: [records.md](records.md).',
  ),
  RETENTION_MESSAGES_DAYS: integer(1, 3650, 90, 'days').describe('The same, of messages.'),
  RETENTION_RESERVATIONS_DAYS: integer(1, 3650, 400, 'days').describe('Of reservations.'),
  RETENTION_RECORDS_DAYS: integer(1, 3650, 400, 'days').describe('Of the records themselves.'),
  RECORD_CALLS: oneOf(['on', 'off'], 'off').describe(
    'Whether the sound of calls is kept. Whoever is recorded must be told: [records.md](records.md#the-sound-of-calls).',
  ),
  RETENTION_RECORDINGS_DAYS: integer(1, 3650, 30, 'days').describe('Of that sound.'),
  CALLER_KEY_SECRET: text('a secret')
    .optional()
    .describe(
      "Secret. Makes the key under which a caller's records are found; without it, the auth token does.",
    ),
};

/** As they are shown. */
export const SETTING_GROUPS: readonly { title: string; shape: z.ZodRawShape }[] = [
  { title: 'Server', shape: server },
  { title: 'Telephone', shape: telephone },
  { title: 'Voice', shape: voice },
  { title: 'Engine', shape: engine },
  { title: 'An engine that is started here', shape: ownEngine },
  { title: 'Calls', shape: call },
  { title: 'Restaurant', shape: restaurant },
  { title: 'Records', shape: records },
];

/** Each setting by its name. */
export const settings = z.object({
  ...server,
  ...telephone,
  ...voice,
  ...engine,
  ...ownEngine,
  ...call,
  ...restaurant,
  ...records,
});

/** Addresses are looked up and checked; one that is written out would not be. */
function namesHost(address: string): boolean {
  const { hostname, username, password } = new URL(address);
  return !isIP(hostname.replace(/^\[|\]$/g, '')) && !username && !password;
}
