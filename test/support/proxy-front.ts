/** What stands between Twilio and a server, at an address that is known before the server is there. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { selfSignedCertificate } from './self-signed-certificate.ts';

const IDENTITY = selfSignedCertificate('localhost');
/** PEM; whoever is to trust a front must be given it. */
export const CERTIFICATE = IDENTITY.cert;

export interface ProxyFront {
  /** `https://localhost:<port>`, or `http://127.0.0.1:<port>` without a certificate. */
  readonly url: string;
  /** Where connections go from now on, such as `http://127.0.0.1:8080`. */
  leadTo(url: string): void;
}

/** Closed after the test. */
export async function proxyFront(
  t: { after(clean: () => unknown): void },
  { secure }: { secure: boolean },
): Promise<ProxyFront> {
  const sockets = new Set<Socket>();
  let port = 0;
  const pass = (outside: Socket) => {
    const inside = connect(port, '127.0.0.1');
    for (const socket of [outside, inside]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        outside.destroy();
        inside.destroy();
      });
    }
    outside.pipe(inside).pipe(outside);
  };
  const identity = secure ? IDENTITY : undefined;
  const server = identity ? createTlsServer(identity, pass) : createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port: own } = server.address() as AddressInfo;
  return {
    url: identity ? `https://localhost:${own}` : `http://127.0.0.1:${own}`,
    leadTo: (url) => {
      port = Number(new URL(url).port);
    },
  };
}
