/** Twilio's webhooks at the real server, through its whole HTTP stack but the network. */
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { parseTwiml, type Verb } from '../../src/simulators/twilio/twiml-document.ts';
import {
  AUTH_TOKEN,
  STAFF_NUMBER,
  SteeredProcess,
  type SteeredServer,
  startSteeredServer,
} from '../support/steered-server.ts';
import { PUBLIC_URL } from '../support/twilio-hand.ts';
import { type FuzzTarget, mustHold, Reached } from './fuzz-target.ts';
import { judgeEntry } from './judge-entry.ts';
import { judgeLog } from './judge-log.ts';
import { CANARY } from './odd-values.ts';
import { drawWebhookCase, FORM, SPOKEN_PATHS, type WebhookInput } from './webhook-case.ts';

export async function webhookTarget(): Promise<FuzzTarget<WebhookInput>> {
  const reached = new Reached();
  const rest = new SteeredProcess();
  const server = await startSteeredServer(rest);
  return {
    inputs: 'webhook forms',
    concurrency: 1,
    reached,
    draw: drawWebhookCase,
    async run(inputs) {
      for (const input of inputs) {
        await judgeWebhook(input, { rest, server, reached });
        for (const entry of rest.entries.splice(0)) judgeEntry(entry);
        judgeLog(server.log, EXPECTED_ERRORS);
        for (const list of [rest.answered, rest.hungUp]) list.length = 0;
      }
      return inputs.length;
    },
    close: () => server.app.close(),
  };
}

/** What Twilio tells of its own failures. */
const EXPECTED_ERRORS = ['call fell back'];
const URL_ATTRIBUTES = ['url', 'action', 'statusCallback', 'recordingStatusCallback'];

interface Scene {
  rest: SteeredProcess;
  server: SteeredServer;
  reached: Reached;
}

async function judgeWebhook(input: WebhookInput, scene: Scene): Promise<void> {
  const { rest, server, reached } = scene;
  rest.decisionOf = async () => input.decision && { outcome: 'handedOff', ...input.decision };
  const { statusCode, headers, body } = await server.app.inject(requestOf(input));
  const what = `${input.method} ${input.path}`;
  mustHold(statusCode < 500, `expected no fault of ours, got ${statusCode} of ${what}`);
  reached.note(`${what} ${statusCode}`);
  if (statusCode >= 400) {
    mustHold(!body.includes(CANARY), `expected nothing to be echoed, got ${body}`);
    mustHold(isRefusable(input), `expected an answer of ${what}, got ${statusCode}: ${body}`);
    return;
  }
  mustHold(input.signature === 'right', `expected ${what} to be refused without a signature`);
  if (!SPOKEN_PATHS.includes(input.path)) {
    mustHold(statusCode === 204 && body === '', `expected nothing, got ${statusCode}: ${body}`);
    return;
  }
  mustHold(String(headers['content-type']).startsWith('text/xml'), 'expected TwiML');
  judgeDocument(body, input);
}

function requestOf(input: WebhookInput) {
  const { method, path, fields, signature, contentType } = input;
  const query = new URLSearchParams(fields).toString();
  const url = method === 'GET' ? `${path}?${query}` : path;
  const payload = method === 'GET' ? undefined : (input.body ?? query);
  const signed = method === 'GET' ? {} : Object.fromEntries(new URLSearchParams(payload));
  const right = getExpectedTwilioSignature(AUTH_TOKEN, `${PUBLIC_URL}${url}`, signed);
  const given = signature === 'right' ? right : right.toUpperCase();
  return {
    method,
    url,
    headers: {
      ...(signature !== 'none' && { 'x-twilio-signature': given }),
      ...(method === 'POST' && contentType !== '' && { 'content-type': contentType }),
    },
    ...(payload !== undefined && { payload }),
  };
}

/** Is there anything in the request for which it may be refused? */
function isRefusable({ fields, signature, contentType, body, method }: WebhookInput): boolean {
  const names = fields.map(([name]) => name);
  const isTwice = new Set(names).size < names.length;
  const sid = fields.find(([name]) => name === 'CallSid')?.[1] ?? '';
  const length = new URLSearchParams(fields).toString().length;
  return (
    signature !== 'right' ||
    isTwice ||
    !/^CA[0-9a-fA-F]{32}$/.test(sid) ||
    length > 16 * 1024 ||
    // What is signed is what is left of halves of characters.
    names.some((name) => !name.isWellFormed()) ||
    (method === 'POST' && (body !== undefined || contentType !== FORM))
  );
}

/** Verbs and places of ours only; whoever is called is on our list. */
function judgeDocument(text: string, { decision }: WebhookInput): void {
  const { verbs, warnings } = parseTwiml(text);
  mustHold(warnings.length === 0, `expected TwiML as Twilio knows it, got ${warnings.join(', ')}`);
  const isWhisper = verbs.every(({ name }) => name === 'Say');
  const last = verbs.at(-1)?.name;
  mustHold(isWhisper || last === 'Hangup' || last === 'Redirect', `expected an end, got ${last}`);
  for (const verb of flat(verbs)) {
    judgeVerb(verb);
    // The brief is the model's: it is said, as words.
    if (verb.name === 'Say' && decision?.brief?.includes(CANARY)) continue;
    mustHold(!JSON.stringify(verb).includes(CANARY), `expected nothing to be echoed, got ${text}`);
  }
}

function judgeVerb({ name, attributes, text }: Verb): void {
  if (name === 'Number') mustHold(text === STAFF_NUMBER, `expected one of the staff, got ${text}`);
  if (name === 'Redirect') mustHold(isOurs(text), `expected a page of ours, got ${text}`);
  for (const attribute of URL_ATTRIBUTES) {
    const url = attributes[attribute];
    mustHold(url === undefined || isOurs(url), `expected a page of ours, got ${url}`);
  }
  if (name === 'Parameter' && attributes.name === 'caller') {
    const { value = '' } = attributes;
    mustHold(/^\+[1-9]\d{6,14}$/.test(value), `expected a number in E.164, got ${value}`);
  }
}

function isOurs(url: string): boolean {
  return url.startsWith(`${PUBLIC_URL}/`) || url === `${PUBLIC_URL.replace('http', 'ws')}/media`;
}

function flat(verbs: readonly Verb[]): Verb[] {
  return verbs.flatMap((verb) => [verb, ...flat(verb.children)]);
}
