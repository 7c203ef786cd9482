/** Twilio's requests by hand, so that each part of them can be wrong. */
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { WebSocket } from 'ws';

export const PUBLIC_URL = 'https://calls.example/agent';
export const CALL_SID = `CA${'1'.repeat(32)}`;
const FORM = 'application/x-www-form-urlencoded; charset=UTF-8';
const PATIENCE_MS = 5000;

export interface HandRequest {
  /** Twilio's own by default; `undefined` sends none. */
  signature?: string | undefined;
  contentType?: string;
  /** Instead of the form. */
  body?: string;
}

export interface Answer {
  status: number;
  contentType: string;
  text: string;
  tookMs: number;
}

export class TwilioHand {
  /** Where the server listens. */
  readonly url: string;
  readonly authToken: string;

  constructor(url: string, authToken: string) {
    this.url = url;
    this.authToken = authToken;
  }

  sign(path: string, form: Record<string, string> = {}, base = PUBLIC_URL): string {
    return getExpectedTwilioSignature(this.authToken, `${base}${path}`, form);
  }

  post(path: string, form: Record<string, string>, options: HandRequest = {}): Promise<Answer> {
    const { contentType = FORM, body = new URLSearchParams(form).toString() } = options;
    const signature = 'signature' in options ? options.signature : this.sign(path, form);
    return this.#fetch(path, { method: 'POST', body }, { 'content-type': contentType }, signature);
  }

  get(path: string, options: HandRequest = {}): Promise<Answer> {
    const signature = 'signature' in options ? options.signature : this.sign(path);
    return this.#fetch(path, {}, {}, signature);
  }

  /** The HTTP status with which an upgrade is answered; 101 when it is accepted. */
  async upgradeStatus(path = '/media', options: HandRequest = {}): Promise<number> {
    const socket = this.#socket(path, options);
    const { promise, resolve } = Promise.withResolvers<number>();
    socket.on('error', () => {});
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    try {
      return await inTime(promise, 'an answer to the upgrade');
    } finally {
      socket.terminate();
    }
  }

  /** An open socket on which nothing has been said yet. */
  async openSocket(): Promise<WebSocket> {
    const socket = this.#socket('/media', {});
    socket.on('error', () => {});
    await inTime(new Promise((resolve) => socket.once('open', resolve)), 'an open socket', 10_000);
    return socket;
  }

  /** Opens a stream and sends its first messages. */
  async openStream(
    customParameters: Record<string, string>,
    options: { callSid?: string; accountSid: string },
  ) {
    const { callSid = CALL_SID, accountSid } = options;
    const socket = this.#socket('/media', {});
    const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)));
    const sound = new Promise<void>((resolve) => socket.once('message', () => resolve()));
    await inTime(new Promise((resolve) => socket.once('open', resolve)), 'an open socket');
    socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}');
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
    const start = { accountSid, callSid, streamSid: 'MZ1', tracks: ['inbound'], mediaFormat };
    const message = { event: 'start', sequenceNumber: '1', streamSid: 'MZ1' };
    socket.send(JSON.stringify({ ...message, start: { ...start, customParameters } }));
    return {
      /** The close code. */
      closed: () => inTime(closed, 'the socket to be closed'),
      /** The first message of the server's: the call has begun to speak. */
      speaks: () => inTime(sound, 'the agent to speak'),
      hangUp: () => {
        socket.send('{"event":"stop","sequenceNumber":"2","streamSid":"MZ1","stop":{}}');
        return inTime(closed, 'the socket to be closed');
      },
    };
  }

  #socket(path: string, options: HandRequest): WebSocket {
    const wss = PUBLIC_URL.replace('https', 'wss');
    const signature = 'signature' in options ? options.signature : this.sign(path, {}, wss);
    return new WebSocket(this.url.replace('http', 'ws') + path, {
      headers: signature === undefined ? {} : { 'x-twilio-signature': signature },
      handshakeTimeout: PATIENCE_MS,
    });
  }

  async #fetch(
    path: string,
    init: { method?: string; body?: string },
    headers: Record<string, string>,
    signature: string | undefined,
  ): Promise<Answer> {
    const startedAt = performance.now();
    const response = await inTime(
      fetch(this.url + path, {
        ...init,
        headers: {
          ...headers,
          ...(signature !== undefined && { 'x-twilio-signature': signature }),
        },
      }),
      `an answer to ${path}`,
    );
    const text = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    return { status: response.status, contentType, text, tookMs: performance.now() - startedAt };
  }
}

/** The parameters of the TwiML's stream by name, the token among them. */
export function parametersIn(twiml: string): Record<string, string> {
  const found = [...twiml.matchAll(/<Parameter name="(\w+)" value="([^"]+)"/g)];
  const parameters = Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]));
  if (!parameters.token) throw new Error('expected TwiML with a token, got none');
  return parameters;
}

/** @throws when it takes longer than five seconds */
export async function inTime<T>(promise: Promise<T>, what: string, ms = PATIENCE_MS): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`expected ${what}, waited ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
