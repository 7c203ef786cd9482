/** The part of Twilio's REST API that places calls, changes live ones, and shows the account. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OutboundRequest, outboundRequest } from './callee.ts';
import { answerAccount, type SimulatedAccount } from './rest-account.ts';
import { failure, type RestAnswer } from './rest-answer.ts';
import type { Interruption } from './twiml-runner.ts';

/** A call as REST sees it. */
export interface RestCall {
  readonly status: string;
  readonly direction: 'inbound' | 'outbound-api';
  interrupt(interruption: Interruption): void;
}

export interface RestFault {
  status: number;
  code?: number;
  /** Before the answer. */
  delayMs?: number;
}

export class RestEndpoint {
  readonly #server: Server;
  readonly #options: RestEndpointOptions;

  private constructor(server: Server, options: RestEndpointOptions) {
    this.#server = server;
    this.#options = options;
  }

  static async start(options: RestEndpointOptions): Promise<RestEndpoint> {
    const server = createServer();
    const endpoint = new RestEndpoint(server, options);
    server.on('request', (request, response) => endpoint.#serve(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      body += part;
      if (body.length > BODY_LIMIT) request.destroy();
    });
    request.on('error', () => {});
    request.on('end', () => {
      const fault = this.#options.fault?.(request.method ?? '', request.url ?? '');
      const answer = fault ? failure(fault.status, fault.code) : this.#answer(request, body);
      const send = () => reply(response, answer, Date.now() + this.#options.account.clockAheadMs);
      if (fault?.delayMs) setTimeout(send, fault.delayMs);
      else send();
    });
  }

  #answer(request: IncomingMessage, body: string): RestAnswer {
    const { accountSid, authToken, account: shown } = this.#options;
    const expected = Buffer.from(`${accountSid}:${authToken}`).toString('base64');
    if (request.headers.authorization !== `Basic ${expected}`) return failure(401, 20003);
    if (request.url === `/2010-04-01/Accounts/${accountSid}/Calls.json`) {
      return request.method === 'POST'
        ? this.#create(new URLSearchParams(body))
        : failure(405, 20004);
    }
    const { method = '', url: path = '' } = request;
    const form = new URLSearchParams(body);
    const answer = answerAccount(shown, accountSid, { method, path, form });
    if (answer) return answer;
    const match = /^\/2010-04-01\/Accounts\/(\w+)\/Calls\/(\w+)\.json$/.exec(request.url ?? '');
    const [, account, callSid = ''] = match ?? [];
    const call = account === accountSid ? this.#options.find(callSid) : undefined;
    if (!call) return failure(404, 20404);
    if (request.method !== 'POST') return success(200, accountSid, callSid, call);
    const interruption = interruptionOf(form);
    if (!interruption) return failure(400, 20001);
    if (!LIVE.has(call.status)) return failure(400, 21220);
    // Only what has not been answered can be canceled.
    if (form.get('Status') === 'canceled' && call.status === 'in-progress') {
      return failure(400, 21220);
    }
    // Twilio answers first and acts soon after.
    setTimeout(() => call.interrupt(interruption), UPDATE_DELAY_MS);
    return success(200, accountSid, callSid, call);
  }

  #create(form: URLSearchParams): RestAnswer {
    const asked = outboundRequest(form);
    if (typeof asked === 'number') return failure(400, asked);
    const call = this.#options.place(asked);
    // As to a country that the account may not call.
    if (!call) return failure(403, 21215);
    return success(201, this.#options.accountSid, call.callSid, call);
  }
}

export interface RestEndpointOptions {
  accountSid: string;
  authToken: string;
  account: SimulatedAccount;
  find(callSid: string): RestCall | undefined;
  /** Undefined: nobody is there to be called. */
  place(request: OutboundRequest): (RestCall & { callSid: string }) | undefined;
  /** Answers instead of Twilio when it returns something. */
  fault?: ((method: string, path: string) => RestFault | undefined) | undefined;
}

const LIVE: ReadonlySet<string> = new Set(['queued', 'initiated', 'ringing', 'in-progress']);
const UPDATE_DELAY_MS = 10;
const BODY_LIMIT = 65_536;

function interruptionOf(form: URLSearchParams): Interruption | undefined {
  const [status, twiml, url] = [form.get('Status'), form.get('Twiml'), form.get('Url')];
  if (status === 'completed' || status === 'canceled') return { type: 'hangUp', by: 'rest' };
  if (twiml && !url) return { type: 'document', twiml };
  if (url && !twiml) return { type: 'redirect', url };
  return undefined;
}

function success(
  httpStatus: number,
  accountSid: string,
  sid: string,
  { status, direction }: RestCall,
): RestAnswer {
  const uri = `/2010-04-01/Accounts/${accountSid}/Calls/${sid}.json`;
  const body = { sid, account_sid: accountSid, status, direction, uri };
  return { status: httpStatus, body };
}

function reply(response: ServerResponse, answer: RestAnswer, nowMs: number): void {
  const date = new Date(nowMs).toUTCString();
  response.writeHead(answer.status, { 'content-type': 'application/json', date });
  response.end(JSON.stringify(answer.body));
}
