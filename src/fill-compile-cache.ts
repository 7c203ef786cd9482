/**
 * `node src/fill-compile-cache.ts`, when an image is built: starts the server against nothing at all
 * and ends it. Node keeps what it compiled meanwhile, of threads too, in `NODE_COMPILE_CACHE`, and
 * the server of a container then listens in half the time.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { loadConfig } from './config.ts';
import { startOrchestrator } from './orchestrator.ts';
import { loadProfile } from './restaurant/profile-file.ts';

/** The discard service's port: nobody listens there. */
const NOBODY = '127.0.0.1:9';

const directory = await mkdtemp(join(tmpdir(), 'compile-'));
try {
  const env = {
    PORT: '0',
    HOST: '127.0.0.1',
    PUBLIC_URL: `http://${NOBODY}`,
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'none',
    CARTESIA_API_KEY: 'none',
    CARTESIA_PLAINTEXT_ADDRESS: NOBODY,
    ULTRAVOX_URL: `http://${NOBODY}/v1`,
    DATA_DIRECTORY: directory,
  };
  const log = pino({ level: 'silent' });
  const profile = loadProfile({ env });
  const orchestrator = await startOrchestrator(loadConfig(env), { profile, log });
  await orchestrator.close(0);
} finally {
  await rm(directory, { recursive: true, force: true });
}
// What waits to connect again keeps nobody.
process.exit();
