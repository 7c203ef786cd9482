/** An empty place for bookings that is nobody else's, and is gone afterwards. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Store } from './stress-process.ts';

export interface ScratchStore {
  store: Store;
  remove(): Promise<void>;
}

const CONNECT_MS = 10_000;
const STATEMENT_MS = 30_000;

export async function scratchDirectory(): Promise<ScratchStore> {
  const directory = await mkdtemp(join(tmpdir(), 'stress-'));
  return {
    store: { directory },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** @param serverUrl Of any database of the server, by a user who may create others. */
export async function scratchDatabase(serverUrl: string): Promise<ScratchStore> {
  const name = `stress_${randomBytes(6).toString('hex')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await tell(serverUrl, `create database ${name}`);
  return {
    store: { url: url.href },
    // Processes that were killed may still be connected for a moment.
    remove: () => tell(serverUrl, `drop database ${name} with (force)`),
  };
}

async function tell(url: string, statement: string): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
  });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
