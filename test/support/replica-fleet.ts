/** Several servers as an operator starts them, which share a PostgreSQL and nothing else. */
import { join } from 'node:path';
import { Client } from 'pg';
import { type Simulators, startSimulators } from '../../src/stage.ts';
import { type PostgresServer, startPostgres } from '../../src/stress-bookings/embedded-postgres.ts';
import { ChildServer } from './child-server.ts';
import { type RandomBalancer, startRandomBalancer } from './random-balancer.ts';

export interface ReplicaFleet {
  readonly simulators: Simulators;
  readonly servers: readonly ChildServer[];
  /** Of the servers, in their order. */
  readonly ports: readonly number[];
  readonly balancer: RandomBalancer;
  /** Rows of the shared database. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Tells all servers to go. @returns their exit codes */
  close(): Promise<(number | null)[]>;
}

export interface FleetOptions {
  replicas: number;
  /** What `postgresBinaries` has found. */
  binaries: string;
  /** Repeats the balancer's choices. */
  seed: number;
  /** Beside what makes the servers use simulators and database. */
  env?: Record<string, string>;
}

export async function startFleet(options: FleetOptions): Promise<ReplicaFleet> {
  await using opened = new AsyncDisposableStack();
  const simulators = await startSimulators({
    cartesia: { voice: 'tone', realTimeFactor: 50 },
    ultravox: { listens: false, firstTokenMs: 50, reply: () => 'At what time?' },
  });
  opened.defer(() => simulators.close());
  const postgres = await startPostgres(options.binaries);
  opened.defer(() => postgres.stop());
  const client = await freshDatabase(postgres);
  opened.defer(() => client.end());
  const servers = Array.from({ length: options.replicas }, (_, index) => {
    const data = join(simulators.env.DATA_DIRECTORY ?? '', `replica-${index}`);
    const own = { DATA_DIRECTORY: data, DATABASE_URL: postgres.url(DATABASE) };
    return new ChildServer({
      ...simulators.env,
      SHUTDOWN_GRACE_SECONDS: '5',
      ...options.env,
      ...own,
    });
  });
  opened.defer(() => {
    for (const server of servers) server.kill();
  });
  const ports = await Promise.all(servers.map(portOf));
  const balancer = await startRandomBalancer(ports, options.seed);
  opened.defer(() => balancer.close());
  const rest = opened.move();
  return {
    simulators,
    servers,
    ports,
    balancer,
    query: async (sql) => (await client.query(sql)).rows,
    close: async () => {
      for (const server of servers) server.signal('SIGTERM');
      const codes = servers.map((server) => server.exited(EXIT_MS));
      const exited = await Promise.all(codes).finally(() => rest.disposeAsync());
      return exited;
    },
  };
}

const DATABASE = 'replicas';
const EXIT_MS = 30_000;

async function freshDatabase(postgres: PostgresServer): Promise<Client> {
  const admin = new Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  await admin.query(`create database ${DATABASE}`);
  await admin.end();
  const client = new Client({ connectionString: postgres.url(DATABASE) });
  await client.connect();
  return client;
}

/** Once its engine answers, too. */
async function portOf(server: ChildServer): Promise<number> {
  const { port } = await server.says('listening');
  await server.says('Model pre-warming completed');
  return Number(port);
}
