export type WebhookErrorKind =
  /** The name leads to an address that is not public. */
  | 'address'
  /** No connection, or it was lost before the answer was complete. */
  | 'connection'
  | 'timeout'
  /** Another status than 200; `status` holds it. */
  | 'status'
  /** Not JSON, too long, or not what the protocol says. */
  | 'garbage';

/** One exchange with the restaurant's system came to nothing. */
export class WebhookError extends Error {
  override name = 'WebhookError';
  readonly kind: WebhookErrorKind;
  readonly status?: number;
  /** The request may have arrived, and what it asks for may have been done. */
  readonly mayBeDone: boolean;

  constructor(
    kind: WebhookErrorKind,
    message: string,
    options: { mayBeDone: boolean; status?: number; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.mayBeDone = options.mayBeDone;
    if (options.status !== undefined) this.status = options.status;
  }

  /** Whether the same request, sent again at once, can be expected to be answered. */
  get isRetryable(): boolean {
    if (this.kind === 'connection' || this.kind === 'timeout') return true;
    return this.status !== undefined && (this.status === 429 || this.status >= 500);
  }
}
