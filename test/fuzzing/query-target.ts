/** What the visualiser's page and the API of calls can be asked, with a token or without. */
import type { Random } from '../simulation/random.ts';
import { SteeredProcess, startSteeredServer } from '../support/steered-server.ts';
import { type FuzzTarget, mustHold, Reached } from './fuzz-target.ts';
import { judgeLog } from './judge-log.ts';
import { mutatedJson, mutatedText } from './mutate.ts';
import { CANARY, oddKey, oddText } from './odd-values.ts';

export interface QueryInput {
  method: 'GET' | 'POST' | 'HEAD' | 'PUT';
  url: string;
  headers: Record<string, string>;
  /** JSON, or not. */
  body?: string;
}

const TOKEN = 'the token of the interface, long enough';
const SID = `CA${'1'.repeat(32)}`;
const RECORDING_BYTES = 1000;
const STATUSES = [200, 201, 204, 206, 304, 308, 400, 401, 403, 404, 405, 413, 414, 415, 416, 429];

export async function queryTarget(): Promise<FuzzTarget<QueryInput>> {
  const reached = new Reached();
  const rest = new SteeredProcess();
  const recording = { bytes: RECORDING_BYTES, open: () => 'x' };
  Object.assign(rest, { access: 'token', apiToken: TOKEN, recording });
  rest.dial = async () => SID;
  const server = await startSteeredServer(rest);
  return {
    inputs: 'API queries',
    concurrency: 1,
    reached,
    draw: (random) => Array.from({ length: 10 }, () => drawQuery(random)),
    async run(inputs) {
      for (const { method, url, headers, body } of inputs) {
        const payload = body === undefined ? {} : { payload: body };
        const answer = await server.app.inject({ method, url, headers, ...payload });
        const { statusCode } = answer;
        // Softphones that are asked for and never call are bounded.
        const isBusy = statusCode === 503 && url.includes('/softphone');
        mustHold(
          isBusy || STATUSES.includes(statusCode),
          `expected an answer of ${url}, got ${statusCode}`,
        );
        mustHold(!answer.body.includes(CANARY), `expected no echo, got ${answer.body}`);
        judgeAsked(rest);
        judgeLog(server.log);
        reached.note(`${method} ${statusCode}`);
      }
      return inputs.length;
    },
    close: () => server.app.close(),
  };
}

/** What came through to the records is what they can be asked. */
function judgeAsked(rest: SteeredProcess): void {
  for (const { from, to, limit, outcome, cursor } of rest.queries.splice(0)) {
    const moments = [from ?? 0, to ?? 0].every(Number.isFinite);
    const page = Number.isInteger(limit) && limit >= 1 && limit <= 200;
    const texts = /^[a-zA-Z]*$/.test(outcome ?? '') && /^[\w.~:-]*$/.test(cursor ?? '');
    mustHold(moments && page && texts, 'expected a query that the records understand');
  }
  for (const { from, to, zone } of rest.periods.splice(0)) {
    const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
    mustHold(days >= 0 && days < 400, `expected a period in days, got ${days}`);
    new Intl.DateTimeFormat('en', { timeZone: zone });
  }
}

function drawQuery(random: Random): QueryInput {
  const path = random.pick(PATHS);
  const query = new URLSearchParams(drawParameters(random)).toString();
  const url = `${path}${random.chance(0.7) ? `?${query}` : ''}`;
  const input: QueryInput = {
    method: path === '/calls' && random.chance(0.3) ? 'POST' : random.pick(METHODS),
    url: random.chance(0.85) ? url : printable(mutatedText(url, random)),
    headers: drawHeaders(random),
  };
  // Two slashes first would be a host to whoever carries the request here.
  input.url = input.url.replace(/^[/\\]*/, '/');
  if (input.method === 'POST') {
    const to = { to: random.chance(0.3) ? '+15551234567' : oddText(random) };
    input.body = random.chance(0.3) ? JSON.stringify(to) : mutatedJson(to, random);
    input.headers['content-type'] = 'application/json';
  }
  return input;
}

const METHODS = ['GET', 'GET', 'GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT'] as const;
const PATHS = [
  ...['/calls', '/calls/x', `/calls/${SID}`, '/visualiser/api/calls', '/visualiser/api/analysis'],
  ...[`/visualiser/api/calls/${SID}`, `/visualiser/api/calls/${SID}/recording`],
  ...[`/visualiser/api/calls/${SID}/numbers`, `/visualiser/api/calls/${SID}/moments`],
  ...['/visualiser/api/softphone', '/visualiser', '/visualiser/', '/visualiser/files/page.js'],
  ...['/visualiser/files/../../../package.json', '/visualiser/files/%2e%2e%2fpackage.json'],
  ...['/visualiser/files/__proto__', '/visualiser/files/constructor', '/health', '/ready', '/x'],
];
const VALID: readonly [string, string][] = [
  ['from', '2026-11-01'],
  ['to', '2026-11-30'],
  ['zone', 'Europe/Berlin'],
  ['outcome', 'completed'],
  ['limit', '20'],
  ['cursor', 'MTIzIENB'],
];
const ODD_MOMENTS = [
  ...['2026-02-30', '0000-01-01', '9999-12-31', '2026-11-25T24:00:00Z', '2026-11-25T23:59:60Z'],
  ...['2026-11-25T10:00:00+23:59', '2026-11-25T10:00:00.000000000001Z', '+275760-09-13', '-1'],
  ...['Etc/GMT+12', '+05:30', 'UTC', 'europe/berlin', 'Europe/Berlin\0', 'PST8PDT'],
];

function drawParameters(random: Random): [string, string][] {
  const given = VALID.filter(() => random.chance(0.6));
  return given.map(([name, value]): [string, string] => {
    const die = random.unit();
    if (die < 0.6) return [name, value];
    if (die < 0.75) return [name, random.pick(ODD_MOMENTS)];
    if (die < 0.85) return [name, oddText(random)];
    if (die < 0.95) return [name, mutatedText(value, random)];
    return [oddKey(random), oddText(random)];
  });
}

function drawHeaders(random: Random): Record<string, string> {
  const authorization = random.chance(0.8) ? `Bearer ${TOKEN}` : headerText(random);
  const range = random.chance(0.5) ? 'bytes=0-10' : `bytes=${headerText(random)}`;
  return {
    ...(random.chance(0.9) && { authorization }),
    ...(random.chance(0.2) && { range }),
    ...(random.chance(0.1) && { origin: headerText(random) }),
    ...(random.chance(0.1) && { host: headerText(random) }),
    ...(random.chance(0.1) && { 'x-forwarded-for': headerText(random) }),
    ...(random.chance(0.1) && { 'if-none-match': headerText(random) }),
  };
}

/** What a request line can carry; escapes that are none stay as they are. */
function printable(url: string): string {
  return url.toWellFormed().replace(/[^\x21-\x7e]/gu, encodeURIComponent);
}

/** What a header can carry. */
function headerText(random: Random): string {
  return oddText(random)
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 300);
}
