import { ApiError } from './api-error.ts';

/**
 * The work, or an error when it takes longer; the work itself goes on.
 * @throws {ApiError} 504
 */
export async function inTime<T>(work: Promise<T>, ms: number, who: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new ApiError(504, `expected an answer of ${who} within ${ms} ms, got none`)),
    ms,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
