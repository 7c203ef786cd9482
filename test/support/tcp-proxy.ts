/** A loopback proxy in front of a server, to take the server away from its clients. */
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface TcpProxy {
  port: number;
  /** Connections are lost, and new ones are, too, until `restore`. */
  cut(): void;
  restore(): void;
  /** What clients send from now on reaches the server; the answers never come. */
  deafen(): void;
}

export async function startTcpProxy(t: TestContext, targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let isDeaf = false;
  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const target = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk) => target.write(chunk));
    target.on('data', (chunk) => {
      if (!isDeaf) client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  t.after(() => {
    cut();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('expected a port');
  return {
    port: address.port,
    cut,
    restore: () => {
      isCut = false;
      isDeaf = false;
    },
    deafen: () => {
      isDeaf = true;
    },
  };
}
