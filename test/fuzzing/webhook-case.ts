/** Twilio's webhooks as a stranger would write them who knows the account's secret: signed, and wrong. */
import { callForm } from '../../src/simulators/twilio/call-form.ts';
import type { Random } from '../simulation/random.ts';
import { mutatedText } from './mutate.ts';
import { CANARY, oddKey, oddText } from './odd-values.ts';

export interface WebhookInput {
  method: 'GET' | 'POST';
  path: string;
  /** In this order; a name may stand twice. */
  fields: [name: string, value: string][];
  /** Over what is sent, or over something else. */
  signature: 'right' | 'wrong' | 'none';
  contentType: string;
  /** In place of the fields. */
  body?: string;
  /** What the call had decided. */
  decision?: { destination?: string; brief?: string; language?: string };
}

/** Those that a caller waits for: they are answered in words. */
export const SPOKEN_PATHS = ['/', '/continue', '/fallback', '/brief', '/dialled', '/recorded'];
const SILENT_PATHS = ['/status', '/answered-by', '/stream-status', '/recording-status'];
export const FORM = 'application/x-www-form-urlencoded; charset=UTF-8';

export function drawWebhookCase(random: Random): WebhookInput[] {
  return Array.from({ length: 10 }, () => drawWebhook(random));
}

function drawWebhook(random: Random): WebhookInput {
  const path = random.pick([...SPOKEN_PATHS, ...SILENT_PATHS]);
  const hasGet = path === '/' || path === '/fallback';
  const input: WebhookInput = {
    method: hasGet && random.chance(0.2) ? 'GET' : 'POST',
    path,
    fields: mutatedFields(formOf(path, random), random),
    signature: random.chance(0.96) ? 'right' : random.pick(['wrong', 'none'] as const),
    contentType: random.chance(0.97) ? FORM : random.pick(CONTENT_TYPES),
  };
  if (random.chance(0.03)) input.body = oddBody(input.fields, random);
  if (random.chance(0.4)) input.decision = oddDecision(random);
  return input;
}

const CONTENT_TYPES = [
  'application/json',
  'text/plain',
  'text/xml',
  'multipart/form-data',
  '',
  'x',
];

function oddBody(fields: WebhookInput['fields'], random: Random): string {
  const form = new URLSearchParams(fields).toString();
  if (random.chance(0.5)) return mutatedText(form, random);
  return random.pick([
    oddText(random),
    '{"CallSid":1}',
    '[1]',
    'null',
    '"',
    '__proto__[x]=1',
    '&&=&=',
  ]);
}

function oddDecision(random: Random): NonNullable<WebhookInput['decision']> {
  return {
    ...(random.chance(0.6) && {
      destination: random.chance(0.5) ? 'manager' : oddKey(random).slice(0, 60),
    }),
    ...(random.chance(0.6) && { brief: oddText(random) }),
    language: random.pick(['en', 'de', 'de-AT', 'xx', oddKey(random).replaceAll(CANARY, '')]),
  };
}

function formOf(path: string, random: Random): Record<string, string> {
  const status = random.pick([
    'ringing',
    'in-progress',
    'completed',
    'busy',
    'no-answer',
    'failed',
  ]);
  const sid = `CA${'0123456789abcdef'.repeat(2)}`;
  const numbers = { from: '+15550123', to: '+15550199' };
  const form = callForm({ callSid: sid, accountSid: `AC${'7'.repeat(32)}`, status, ...numbers });
  if (random.chance(0.2)) form.Direction = 'outbound-api';
  const url = 'https://api.twilio.com/2010-04-01/Accounts/AC/Recordings/RE';
  const recording = { RecordingUrl: url + '0'.repeat(32), RecordingDuration: '7' };
  switch (path) {
    case '/brief':
      return { ...form, ParentCallSid: sid };
    case '/dialled':
      return { ...form, DialCallStatus: random.pick(['completed', 'busy']), DialBridged: 'true' };
    case '/recorded':
      return { ...form, ...recording };
    case '/recording-status':
      return { ...form, ...recording, RecordingStatus: 'completed' };
    case '/status':
      return { ...form, CallDuration: '12', Timestamp: 'Wed, 25 Nov 2026 19:00:00 +0000' };
    case '/answered-by':
      return { ...form, AnsweredBy: random.pick(['human', 'machine_start', 'fax', 'unknown']) };
    case '/stream-status':
      return { ...form, StreamEvent: 'stream-error', StreamError: '31920' };
    default:
      return { ...form, ErrorCode: '11200' };
  }
}

/** Those that somebody reads are the ones worth damaging. */
const READ_FIELDS = [
  ...['CallSid', 'From', 'To', 'Direction', 'ErrorCode', 'ParentCallSid', 'DialCallStatus'],
  ...['DialBridged', 'RecordingUrl', 'RecordingDuration', 'RecordingSid', 'RecordingStatus'],
  ...['CallStatus', 'CallDuration', 'Timestamp', 'AnsweredBy', 'StreamEvent', 'StreamError'],
];

function mutatedFields(form: Record<string, string>, random: Random): WebhookInput['fields'] {
  const fields = Object.entries(form);
  for (let times = random.skewed(0, 4); times > 0; times--) {
    const named = random.chance(0.7) ? random.pick(READ_FIELDS) : random.pick(fields)[0];
    const at = fields.findIndex(([name]) => name === named);
    const die = random.unit();
    if (at < 0 || die < 0.15) fields.push([oddKey(random), oddText(random)]);
    else if (die < 0.75) fields[at] = [named, oddFieldText(fields[at]?.[1] ?? '', random)];
    else if (die < 0.9) fields.splice(at, 1);
    else if (die < 0.93) fields.push([named, oddText(random)]);
    else fields[at] = [oddKey(random), oddText(random)];
  }
  return fields;
}

function oddFieldText(before: string, random: Random): string {
  return random.chance(0.5) ? oddText(random) : mutatedText(before, random);
}
