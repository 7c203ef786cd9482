/** The command line or the environment is not one that we understand; the message says what was expected. */
export class UsageError extends Error {
  override name = 'UsageError';
}
