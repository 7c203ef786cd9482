import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface HttpAnswers {
  /** `http://127.0.0.1:<port>` */
  url: string;
  server: Server;
  /** Method and path of what was asked, in order. */
  asked: string[];
}

/** A server that answers as it is told; closed after the test. */
export async function httpAnswers(
  t: { after(clean: () => unknown): void },
  answer: (request: IncomingMessage) => HttpAnswer,
): Promise<HttpAnswers> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    const { status = 200, headers = {}, body = '' } = answer(request);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, asked };
}
