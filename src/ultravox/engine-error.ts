/** What can go wrong between us and the speech model's engine, in one typed error. */

export type EngineErrorKind =
  /** No connection, or it was lost before an answer began. */
  | 'unreachable'
  /** An HTTP status other than 200; `status` holds it. */
  | 'http'
  /** vLLM reports failures after its headers as an `error` object inside a 200 stream. */
  | 'inStream'
  | 'firstTokenStall'
  | 'tokenStall'
  /** Not the protocol: no event stream, broken JSON, or more of anything than the limits allow. */
  | 'garbage'
  /** The stream ended before the reply did. */
  | 'cutShort'
  | 'queueFull'
  /** The request waited in line for longer than its deadline. */
  | 'deadline';

export class EngineError extends Error {
  override name = 'EngineError';
  readonly kind: EngineErrorKind;
  /** The HTTP status, for kind `http`. */
  readonly status?: number;
  /** Whether the same request, sent again soon, can be expected to succeed. */
  readonly retryable: boolean;

  constructor(
    kind: EngineErrorKind,
    message: string,
    options: { status?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    if (options.status !== undefined) this.status = options.status;
    this.retryable = isRetryable(kind, options.status);
  }
}

/** Request timeout, conflict, too early and too many requests; every 5xx is retryable too. */
const RETRYABLE_STATUSES: readonly number[] = [408, 409, 425, 429];

function isRetryable(kind: EngineErrorKind, status: number | undefined): boolean {
  if (kind === 'queueFull' || kind === 'deadline') return false;
  if (kind !== 'http') return true;
  return status !== undefined && (status >= 500 || RETRYABLE_STATUSES.includes(status));
}
