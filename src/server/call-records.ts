/** What is written down of calls, as requests name it. Errors are those of the API. */
import type { FastifyRequest } from 'fastify';
import type { WholeCall } from '../journal/call-list.ts';
import { ApiError } from './api-error.ts';
import { callQuery, callSidRequest } from './call-request.ts';
import { callView } from './call-view.ts';
import { inTime } from './in-time.ts';
import type { ServerOptions } from './server-options.ts';

export const READ_MS = 5000;

/** One page of the list that the query asks for. @throws {ApiError} and `CursorError` */
export async function callPage(
  { query }: Pick<FastifyRequest, 'query'>,
  { records }: Pick<ServerOptions, 'records'>,
) {
  const { calls, next } = await inTime(records.list(callQuery(query)), READ_MS, 'the records');
  return { calls: calls.map(callView), next: next ?? null };
}

/** The call that the path's `:sid` names. @throws {ApiError} */
export async function wholeCall(
  request: Pick<FastifyRequest, 'params'>,
  { records }: Pick<ServerOptions, 'records'>,
): Promise<WholeCall> {
  const details = await inTime(records.one(callSidOfPath(request)), READ_MS, 'the records');
  if (!details) throw new ApiError(404, 'expected a call with a record, got one without');
  return details;
}

/** @throws {ApiError} */
export function callSidOfPath({ params }: Pick<FastifyRequest, 'params'>): string {
  return callSidRequest((params as { sid: string }).sid);
}
