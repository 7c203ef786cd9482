/** A message was written down, and nobody knows yet whether it will be kept. */
export class MessageUncertainError extends Error {
  override name = 'MessageUncertainError';
  readonly kind = 'uncertain';
}
