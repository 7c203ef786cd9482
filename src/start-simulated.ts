/**
 * `npm run start:simulated`: the real server with a simulated engine and voice service, to call it
 * with `npm run call` without any account. It says how, and serves until it is told to stop.
 */
import { basename } from 'node:path';
import pino from 'pino';
import { loadConfig } from './config.ts';
import { startOrchestrator } from './orchestrator.ts';
import { readRecording } from './place-call/recording-file.ts';
import { loadProfile } from './restaurant/profile-file.ts';
import { startSimulators } from './stage.ts';

/** Recordings that the simulated engine is to recognise: the same files as given to `npm run call`. */
const recordings = process.argv.slice(2).map((file) => {
  const id = basename(file, '.wav');
  return { id, text: id, mulaw: readRecording(file) };
});
const simulators = await startSimulators({ ultravox: { recordings } });
const apiToken = crypto.randomUUID();
const { PORT = '8080', RECORD_CALLS = 'off' } = process.env;
const env = { ...simulators.env, PORT, RECORD_CALLS, API_TOKEN: apiToken };
const config = loadConfig(env);
const log = pino({ level: process.env.LOG_LEVEL ?? 'info' });
const orchestrator = await startOrchestrator(config, { log, profile: loadProfile({ env }) });
await orchestrator.engine.ready(20_000);

console.log(`
The engine and the voice are simulators: the engine knows ${recordings.length} recording(s).
Call it from another terminal:

  TWILIO_ACCOUNT_SID=${config.TWILIO_ACCOUNT_SID} TWILIO_AUTH_TOKEN='${config.TWILIO_AUTH_TOKEN}' \\
    npm run call -- --url ${orchestrator.url} --public-url ${config.PUBLIC_URL} --say FILE.wav

Watch it, or call it from the browser:

  ${orchestrator.url}/visualiser/

What is written down of it, until this server stops:

  curl -H 'Authorization: Bearer ${apiToken}' ${orchestrator.url}/calls
  DATA_DIRECTORY=${config.DATA_DIRECTORY} npm run report
`);

const stop = async () => {
  await orchestrator.close(0);
  await simulators.close();
  process.exit(0);
};
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());
