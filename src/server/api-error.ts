/** An answer of the API that is no success; the message goes to whoever asked. */
export class ApiError extends Error {
  override name = 'ApiError';
  /** HTTP. */
  readonly statusCode: number;

  constructor(statusCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.statusCode = statusCode;
  }
}
