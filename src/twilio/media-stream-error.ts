/**
 * - `notAStream`: the first messages were not `connected` and `start`.
 * - `refused`: `verify` said no.
 * - `late`: the first messages took too long.
 * - `closed`: the socket closed before them.
 */
export type MediaStreamProblem = 'notAStream' | 'refused' | 'late' | 'closed';

export class MediaStreamError extends Error {
  override name = 'MediaStreamError';
  readonly kind: MediaStreamProblem;

  constructor(kind: MediaStreamProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
