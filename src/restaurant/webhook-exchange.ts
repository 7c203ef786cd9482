import type { IncomingMessage } from 'node:http';
import { type Agent, type RequestOptions, request } from 'node:https';
import { AddressError } from './public-address.ts';
import { WebhookError } from './webhook-error.ts';

export interface ExchangeOptions {
  url: URL;
  /** Holds how addresses are resolved. */
  agent: Agent;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** From resolving the name to the last byte of the answer. */
  boundMs: number;
}

/**
 * Posts a body once and returns the parsed JSON of a 200. Redirects are not followed.
 * @throws {WebhookError}
 */
export async function exchange(options: ExchangeOptions): Promise<unknown> {
  const { url, agent, headers, body, boundMs } = options;
  // `headers`: all that an answer has to say fits; what is longer is refused by Node.
  const settings: RequestOptions = { method: 'POST', agent, headers, maxHeaderSize: 8_192 };
  const sending = request(url, settings);
  let hasArrived = false;
  sending.on('socket', (socket) => {
    if (sending.reusedSocket) hasArrived = true;
    // Before the handshake is over nothing of the request has left.
    else socket.once('secureConnect', () => (hasArrived = true));
  });
  const answer = Promise.withResolvers<IncomingMessage>();
  sending.on('response', answer.resolve).on('error', answer.reject);
  sending.on('close', () => answer.reject(new Error('expected an answer, got none')));
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    sending.destroy(new Error('expected an answer in time'));
  }, boundMs);
  sending.end(body);
  try {
    return await read(await answer.promise);
  } catch (error) {
    if (error instanceof WebhookError) throw error;
    throw lost(error, { isOver, mayBeDone: hasArrived, boundMs });
  } finally {
    clearTimeout(timer);
    // A connection whose answer was read to its end has gone back to the agent; others are closed.
    sending.destroy();
  }
}

const MAX_ANSWER_BYTES = 65_536;
/** "Try again": said by something that has not begun. */
const NOT_BEGUN: readonly number[] = [429, 503];

async function read(response: IncomingMessage): Promise<unknown> {
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    const mayBeDone = status >= 500 && !NOT_BEGUN.includes(status);
    throw new WebhookError('status', `expected status 200, got ${status}`, { mayBeDone, status });
  }
  const type = response.headers['content-type'] ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(type)) throw garbage('JSON, got another content type');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw garbage(`at most ${MAX_ANSWER_BYTES} bytes, got more`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw garbage('JSON, got something else');
  }
}

/** A 200 with something else in it: whatever was to be done has been done by now. */
function garbage(message: string): WebhookError {
  return new WebhookError('garbage', `expected ${message}`, { mayBeDone: true });
}

function lost(
  cause: unknown,
  { isOver, mayBeDone, boundMs }: { isOver: boolean; mayBeDone: boolean; boundMs: number },
): WebhookError {
  if (cause instanceof AddressError) {
    return new WebhookError('address', cause.message, { mayBeDone: false, cause });
  }
  const code = (cause as { code?: unknown }).code;
  const message = isOver
    ? `expected an answer within ${boundMs} ms, got none`
    : `expected an answer, the connection failed (${typeof code === 'string' ? code : 'closed'})`;
  return new WebhookError(isOver ? 'timeout' : 'connection', message, { mayBeDone, cause });
}
