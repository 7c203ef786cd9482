/** The simulated engine's requests and plain answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BadRequest } from './chat-request.ts';

/** @throws {BadRequest} beyond 64 MiB */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new BadRequest('the request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** As vLLM words its errors. */
export function sendError(response: ServerResponse, status: number, message: string): void {
  const type = status === 400 ? 'BadRequestError' : 'InternalServerError';
  sendJson(response, status, { error: { message, type, param: null, code: status } });
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
