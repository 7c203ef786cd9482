import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { CursorError } from '../journal/call-list.ts';
import { DestinationRefusedError } from '../twilio/outbound-calls.ts';
import { TwilioRestError } from '../twilio/rest.ts';

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

/** Answers every error of this scope as `{error}`. */
export function answerApiErrors(app: FastifyInstance, log: Pick<Logger, 'error'>): void {
  app.setErrorHandler((error, request, reply) => {
    const { statusCode, message } = asApiError(error);
    // 503 is what we say on purpose: draining, full, busy.
    if (statusCode >= 500 && statusCode !== 503)
      log.error({ route: request.routeOptions.url, err: error }, 'API failed');
    return reply.code(statusCode).send({ error: message });
  });
}

/** What is told to whoever asked; an error that is not known here tells nothing. */
function asApiError(error: unknown): { statusCode: number; message: string } {
  if (error instanceof ApiError) return error;
  if (error instanceof CursorError) return { statusCode: 400, message: error.message };
  if (error instanceof DestinationRefusedError) {
    return { statusCode: 400, message: `to: ${error.message}` };
  }
  if (error instanceof TwilioRestError) return { statusCode: 502, message: error.message };
  const statusCode = (error as { statusCode?: number }).statusCode ?? 500;
  if (statusCode >= 500) return { statusCode, message: 'the records cannot be used just now' };
  return {
    statusCode,
    message: 'expected JSON such as {"to": "+15551234567"}, got something else',
  };
}
