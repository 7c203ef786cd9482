/** Cannot listen, says so, and must end by itself: nothing that it opened may be left. */
import pino from 'pino';
import { loadConfig } from '../../src/config.ts';
import { startOrchestrator } from '../../src/orchestrator.ts';
import { profileWith } from './restaurant-profile.ts';

const [directory = '', port = ''] = process.argv.slice(2);
const config = loadConfig({
  PUBLIC_URL: 'https://agent.example',
  TWILIO_ACCOUNT_SID: `AC${'7'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'a token',
  CARTESIA_API_KEY: 'a key',
  CARTESIA_PLAINTEXT_ADDRESS: '127.0.0.1:1',
  ULTRAVOX_URL: 'http://127.0.0.1:1/v1',
  DATA_DIRECTORY: directory,
  HOST: '127.0.0.1',
  PORT: port,
});
await startOrchestrator(config, {
  profile: profileWith({}),
  log: pino({ level: 'silent' }),
}).then(
  () => console.log('started'),
  (error: NodeJS.ErrnoException) => console.log(error.code),
);
