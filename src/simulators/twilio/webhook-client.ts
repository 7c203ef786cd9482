/** Twilio's own requests: signed forms, posted within Twilio's deadlines. */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { type AttemptOutcome, connectionOverrides } from './connection-overrides.ts';
import type { PublicAddress } from './public-address.ts';

export interface WebhookAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** No answer: refused, cut or too late. */
export class WebhookError extends Error {
  override name = 'WebhookError';
  /** Twilio's code. */
  readonly code = 11205;
  readonly kind: Exclude<AttemptOutcome, number>;

  constructor(kind: WebhookError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export interface WebhookAttempt {
  atMs: number;
  tookMs: number;
  /** 0: there was no answer. */
  status: number;
}

const BODY_LIMIT_BYTES = 65_536;
/** With less time than this nobody is asked again. */
const LEAST_MS = 20;

export class WebhookClient {
  readonly #authToken: string;
  readonly #httpAgent = new HttpAgent({ keepAlive: false });
  readonly #httpsAgent = new HttpsAgent({ keepAlive: false });
  readonly #open = new Set<ClientRequest>();

  constructor(authToken: string) {
    this.#authToken = authToken;
  }

  /** The signature of a request: over the public URL, and for voice over HTTPS without its port. */
  sign(publicUrl: string, form: Record<string, string>): string {
    const url = publicUrl.replace(/#.*$/, '').replace(/^(https:\/\/[^/?:]+):\d+/, '$1');
    return getExpectedTwilioSignature(this.#authToken, url, form);
  }

  /**
   * Asks as often as the URL says, and answers with the last attempt.
   * @throws {WebhookError}
   */
  async post(
    address: PublicAddress,
    publicUrl: string,
    form: Record<string, string>,
    onAttempt?: (attempt: WebhookAttempt) => void,
  ): Promise<WebhookAnswer> {
    const { retries, answerMs, totalMs, isTriedAgain } = connectionOverrides(publicUrl);
    const endsMs = performance.now() + totalMs;
    for (let tried = 0; ; tried++) {
      const atMs = performance.now();
      const limitMs = Math.min(answerMs, endsMs - atMs);
      const result = await this.#attempt(address, publicUrl, form, limitMs).catch(asWebhookError);
      const status = result instanceof WebhookError ? 0 : result.status;
      onAttempt?.({ atMs, tookMs: performance.now() - atMs, status });
      const outcome = result instanceof WebhookError ? result.kind : result.status;
      const isOver = tried === retries || performance.now() > endsMs - LEAST_MS;
      if (!isOver && isTriedAgain(outcome)) continue;
      if (result instanceof WebhookError) throw result;
      return result;
    }
  }

  #attempt(
    address: PublicAddress,
    publicUrl: string,
    form: Record<string, string>,
    limitMs: number,
  ): Promise<WebhookAnswer> {
    const realUrl = address.realUrlOf(publicUrl.replace(/#.*$/, ''));
    if (!realUrl) {
      const expected = 'expected a URL below the public URL, got another';
      return Promise.reject(new WebhookError('invalid', expected));
    }
    const body = new URLSearchParams(form).toString();
    const isSecure = realUrl.startsWith('https:');
    return new Promise((resolve, reject) => {
      const request = (isSecure ? httpsRequest : httpRequest)(realUrl, {
        method: 'POST',
        agent: isSecure ? this.#httpsAgent : this.#httpAgent,
        headers: {
          host: new URL(publicUrl).host,
          'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'TwilioProxy/1.1',
          accept: '*/*',
          'x-home-region': 'us1',
          'x-twilio-signature': this.sign(publicUrl, form),
        },
      });
      const timer = setTimeout(() => {
        request.destroy(new Error(`expected an answer within ${limitMs} ms, got none`));
      }, limitMs);
      let isConnected = false;
      request.on('socket', (socket) => {
        socket.once('connect', () => {
          isConnected = true;
        });
      });
      this.#open.add(request);
      request.on('close', () => {
        clearTimeout(timer);
        this.#open.delete(request);
      });
      request.on('error', (cause) => {
        const kind = isConnected ? 'noAnswer' : 'unreachable';
        reject(new WebhookError(kind, cause.message, { cause }));
      });
      request.on('response', (response) => resolve(readAnswer(request, response)));
      request.end(body);
    });
  }

  /** Cuts what is under way. */
  close(): void {
    for (const request of this.#open) request.destroy(new Error('the simulator was closed'));
    this.#httpAgent.destroy();
    this.#httpsAgent.destroy();
  }
}

function asWebhookError(error: unknown): WebhookError {
  if (error instanceof WebhookError) return error;
  throw error;
}

/** Rejects when the connection is cut in mid-answer. */
function readAnswer(request: ClientRequest, response: IncomingMessage): Promise<WebhookAnswer> {
  return new Promise((resolve, reject) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      body += part;
      if (body.length > BODY_LIMIT_BYTES) {
        request.destroy(new Error(`expected at most ${BODY_LIMIT_BYTES} bytes, got more`));
      }
    });
    response.on('error', (cause) => reject(new WebhookError('noAnswer', cause.message, { cause })));
    response.on('end', () => {
      const contentType = response.headers['content-type'] ?? '';
      resolve({ status: response.statusCode ?? 0, contentType, body });
    });
  });
}
