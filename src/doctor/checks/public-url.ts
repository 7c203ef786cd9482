import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import type { Check } from '../check.ts';
import { exchange } from '../exchange.ts';
import { failure, findingOf, type Problem, warning } from '../finding.ts';
import { activeCalls, whyNotReady } from '../served.ts';
import { required } from '../usable-settings.ts';

/** A webhook that only answers, and changes nothing; and a call that cannot be. */
const PATH = '/brief';
const FORM = { CallSid: `CA${'0'.repeat(32)}` };
/** Twilio waits for 4 s, with the overrides that a number should have. */
const SLOW_MS = 2000;

/** Whether webhooks arrive here by the public address, signed ones only. */
export const publicUrl: Check = {
  name: 'Public URL',
  remedy: 'start the server, and see whether PUBLIC_URL leads to it from outside',
  run: async ({ settings }, signal) => {
    const { PUBLIC_URL: url, TWILIO_AUTH_TOKEN: authToken } = required(
      settings,
      'PUBLIC_URL',
      'TWILIO_AUTH_TOKEN',
    );
    if ((await activeCalls(url, signal)) === undefined) {
      return failure('something else answers at PUBLIC_URL', 'set PUBLIC_URL to this server');
    }
    const startMs = performance.now();
    const signed = await statusOf(url, authToken, signal);
    const ms = Math.round(performance.now() - startMs);
    if (signed !== 200) return refusedFinding(signed);
    const forged = await statusOf(url, `not ${authToken}`, signal);
    if (forged !== 403) {
      return failure(
        `a wrong signature is answered with ${forged}, expected 403`,
        'take the server off the network: whoever knows its address can give it calls',
      );
    }
    const problems = [...transportProblems(url), ...slowness(ms)];
    const reason = await whyNotReady(url, signal);
    if (reason)
      problems.push(warning(`it takes no calls now: ${reason}`, 'see /ready and the log'));
    return findingOf(problems, `a signed webhook is answered in ${ms} ms, a forged one refused`);
  },
};

async function statusOf(url: string, authToken: string, signal: AbortSignal): Promise<number> {
  const signature = getExpectedTwilioSignature(authToken, url + PATH, FORM);
  const headers = { 'x-twilio-signature': signature };
  const request = { method: 'POST', headers, form: FORM } as const;
  return (await exchange('PUBLIC_URL', url + PATH, request, signal)).status;
}

function refusedFinding(status: number): Problem {
  if (status === 403) {
    return failure(
      'the server refuses what is signed with this auth token over this PUBLIC_URL',
      'give the server the PUBLIC_URL and TWILIO_AUTH_TOKEN that are set here',
    );
  }
  if (status === 401) {
    return failure('a login is asked for before the server', 'set disable_auth = true');
  }
  return failure(
    `a signed webhook is answered with ${status}, expected 200`,
    "see the server's log",
  );
}

/** Twilio opens media streams by `wss:` only. */
function transportProblems(url: string): Problem[] {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return [];
  const found = 'PUBLIC_URL is not https, so Twilio cannot open a media stream';
  const next = 'put TLS before the server, and set PUBLIC_URL to https';
  // Only simulators reach this one.
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return [isLoopback ? warning(found, next) : failure(found, next)];
}

function slowness(ms: number): Problem[] {
  if (ms <= SLOW_MS) return [];
  const found = `a webhook took ${ms} ms: Twilio gives up after 4 s`;
  return [warning(found, 'see what is between Twilio and the server')];
}
