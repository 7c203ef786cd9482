/** The least that can answer a telephone: webhooks and a media socket, for tests of both sides. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface VoiceServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Every webhook that came, with its form. */
  readonly webhooks: Array<{ path: string; form: Record<string, string>; signature: string }>;
  close(): Promise<void>;
}

export interface VoiceServerOptions {
  /** The TwiML for a webhook; a number is an HTTP status without a document, `none` no answer. */
  webhook(path: string, form: Record<string, string>, url: string): string | number;
  stream?(socket: WebSocket, request: IncomingMessage): void;
  /** False refuses the upgrade. */
  acceptUpgrade?(request: IncomingMessage): boolean;
}

export async function startVoiceServer(options: VoiceServerOptions): Promise<VoiceServer> {
  const webhooks: VoiceServer['webhooks'] = [];
  const sockets = new WebSocketServer({ noServer: true });
  let url = '';
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const form = Object.fromEntries(new URLSearchParams(body));
      const path = request.url ?? '';
      webhooks.push({ path, form, signature: String(request.headers['x-twilio-signature']) });
      const answer = options.webhook(path, form, url);
      if (answer === 'none') return;
      const status = typeof answer === 'number' ? answer : 200;
      response.writeHead(status, { 'content-type': 'text/xml' });
      response.end(typeof answer === 'number' ? '' : answer);
    });
  });
  server.on('upgrade', (request, socket, head) => {
    if (options.acceptUpgrade?.(request) === false) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => options.stream?.(ws, request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    webhooks,
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
