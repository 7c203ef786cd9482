/** One HTTP request of a check: bounded in time and size, and its failure told without the address. */

export interface ExchangeRequest {
  method?: 'GET' | 'POST' | 'HEAD';
  headers?: Record<string, string>;
  /** Sent as a form. */
  form?: Readonly<Record<string, string>>;
}

export interface ExchangeAnswer {
  /** HTTP's. */
  status: number;
  headers: Headers;
  text: string;
}

/**
 * - `unreachable`: no connection, or it was lost before the whole answer was there.
 * - `tooLarge`: the answer goes on and on.
 */
export class ExchangeError extends Error {
  override name = 'ExchangeError';
  readonly kind: 'unreachable' | 'tooLarge';

  constructor(kind: 'unreachable' | 'tooLarge', message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Redirects are followed: a site that only moved still answers. A password in the address is sent.
 * @param who as the error names them, such as `Twilio`
 * @throws {ExchangeError}, or the signal's reason
 */
export async function exchange(
  who: string,
  url: string,
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeAnswer> {
  const { method = 'GET', headers = {}, form } = request;
  const init: RequestInit = { method, headers, signal };
  if (form) init.body = new URLSearchParams(form);
  try {
    const response = await fetch(url, init);
    const text = await textOf(who, response);
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ExchangeError) throw error;
    throw new ExchangeError('unreachable', `expected ${who} to answer, got ${reasonOf(error)}`);
  }
}

const MOST_BYTES = 1 << 20;

async function textOf(who: string, response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) {
      const message = `expected ${who} to answer with at most ${MOST_BYTES} bytes, got more`;
      throw new ExchangeError('tooLarge', message);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

/** The code of the network's error, such as ECONNREFUSED or CERT_HAS_EXPIRED. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : 'no connection';
}
