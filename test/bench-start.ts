/**
 * `npm run bench:start -- --runs 10`: how long the server takes from its start until it listens, and
 * until it takes calls, with simulators in place of everything outside. With a compile cache, as an
 * image has one, and without.
 *
 *   --runs N  10 when not given
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { percentile } from '../src/percentile.ts';
import { startSimulators } from '../src/stage.ts';
import { ChildServer } from './support/child-server.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) {
  console.error('expected --runs: a whole number from 1');
  process.exit(2);
}

const simulators = await startSimulators({
  cartesia: { voice: 'tone', realTimeFactor: 50 },
  ultravox: { listens: false },
});
const cache = await mkdtemp(join(tmpdir(), 'compiled-'));
try {
  console.log(`${runs} starts each, ms: median (shortest to longest)`);
  const cached = { NODE_COMPILE_CACHE: cache };
  await startOnce(cached);
  await report('with a compile cache', cached);
  await report('without', {});
} finally {
  await simulators.close();
  await rm(cache, { recursive: true, force: true });
}

async function report(name: string, env: Record<string, string>): Promise<void> {
  const started = [];
  for (let run = 0; run < runs; run++) started.push(await startOnce(env));
  const listening = started.map(({ listeningMs }) => listeningMs);
  const ready = started.map(({ readyMs }) => readyMs);
  console.log(`${name.padEnd(21)} listening ${range(listening)}, ready ${range(ready)}`);
}

function range(ms: readonly number[]): string {
  const [median, shortest, longest] = [percentile(ms, 0.5), Math.min(...ms), Math.max(...ms)];
  return `${Math.round(median)} (${Math.round(shortest)} to ${Math.round(longest)})`;
}

async function startOnce(env: Record<string, string>) {
  const startedAt = performance.now();
  const server = new ChildServer({ ...simulators.env, ...env, SHUTDOWN_GRACE_SECONDS: '0' });
  try {
    const { port } = await server.says('listening');
    const listeningMs = performance.now() - startedAt;
    while ((await fetch(`http://127.0.0.1:${port}/ready`)).status !== 200) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const readyMs = performance.now() - startedAt;
    server.signal('SIGTERM');
    await server.exited(20_000);
    return { listeningMs, readyMs };
  } finally {
    server.kill();
  }
}
