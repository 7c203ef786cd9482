import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';

/** Who listens on a port of the loopback interface, in words; undefined: nobody. */
export async function portHolder(port: number): Promise<string | undefined> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  // Of another error, such as a port that we may not use, vLLM speaks better for itself.
  server.once('error', (error) => resolve(!('code' in error && error.code === 'EADDRINUSE')));
  server.listen({ port, host: '127.0.0.1' }, () => resolve(true));
  if (await promise) {
    await new Promise((closed) => server.close(closed));
    return undefined;
  }
  return (await listeningProcess(port).catch(() => undefined)) ?? 'another process';
}

/** From Linux's /proc, as far as it may be read; never its arguments, which may hold secrets. */
async function listeningProcess(port: number): Promise<string | undefined> {
  const sockets = await listeningSockets(port);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
      if (!sockets.has(target)) continue;
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
      return `process ${pid} (${name.trim()})`;
    }
  }
  return undefined;
}

const LISTENING = '0A';

/** As the links of open files name them. */
async function listeningSockets(port: number): Promise<Set<string>> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const columns = tables.flatMap((table) =>
    table.split('\n').map((line) => line.trim().split(/\s+/)),
  );
  const ours = columns.filter(
    ([, local = '', , state]) => local.endsWith(suffix) && state === LISTENING,
  );
  return new Set(ours.map((row) => `socket:[${row[9]}]`));
}
