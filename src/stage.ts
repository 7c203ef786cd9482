/** The whole server with its three simulators, on loopback: for the demo, benchmarks and tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino, { type Logger } from 'pino';
import type { CallLimits } from '../machines/call-protocol.ts';
import type { CallObserver } from './call/call-services.ts';
import { loadConfig } from './config.ts';
import { type Orchestrator, startOrchestrator } from './orchestrator.ts';
import { loadProfile } from './restaurant/profile-file.ts';
import {
  type SimulatedCartesia,
  type SimulatedCartesiaOptions,
  startSimulatedCartesia,
} from './simulators/cartesia/simulated-cartesia.ts';
import type { SimulatedCall } from './simulators/twilio/simulated-call.ts';
import {
  type PlaceCall,
  type SimulatedTwilio,
  type SimulatedTwilioOptions,
  startSimulatedTwilio,
} from './simulators/twilio/simulated-twilio.ts';
import {
  type SimulatedUltravox,
  type SimulatedUltravoxOptions,
  startSimulatedUltravox,
} from './simulators/ultravox/simulated-ultravox.ts';

export interface StageOptions {
  /** Settings beside those that point at the simulators. */
  env?: Record<string, string>;
  limits?: Partial<CallLimits>;
  observer?: CallObserver;
  log?: Logger;
  twilio?: Partial<SimulatedTwilioOptions>;
  ultravox?: SimulatedUltravoxOptions;
  cartesia?: SimulatedCartesiaOptions;
}

export interface Stage {
  readonly orchestrator: Orchestrator;
  readonly twilio: SimulatedTwilio;
  readonly ultravox: SimulatedUltravox;
  readonly cartesia: SimulatedCartesia;
  /** Calls the server's number. */
  placeCall(options: Pick<PlaceCall, 'caller'> & Partial<PlaceCall>): SimulatedCall;
  /** Stops everything; calls that are still up are cut after this time. */
  close(graceMs?: number): Promise<void>;
}

const ACCOUNT_SID = `AC${'5'.repeat(32)}`;
const AUTH_TOKEN = 'a token that only the simulated Twilio knows';
/** What signatures are computed over; nobody listens there. */
const PUBLIC_URL = 'https://calls.example/agent';
const READY_MS = 20_000;

const RESTAURANT = fileURLToPath(new URL('./simulators/restaurant.yaml', import.meta.url));

export interface Simulators {
  readonly twilio: SimulatedTwilio;
  readonly ultravox: SimulatedUltravox;
  readonly cartesia: SimulatedCartesia;
  /** What makes a server use them. */
  readonly env: Record<string, string>;
  readonly publicUrl: string;
  close(): Promise<void>;
}

type SimulatorOptions = Pick<StageOptions, 'twilio' | 'ultravox' | 'cartesia'>;

export async function startSimulators(options: SimulatorOptions = {}): Promise<Simulators> {
  const [data, twilio, ultravox, cartesia] = await Promise.all([
    mkdtemp(join(tmpdir(), 'calls-')),
    startSimulatedTwilio({ accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, ...options.twilio }),
    startSimulatedUltravox(options.ultravox),
    startSimulatedCartesia(options.cartesia),
  ]);
  return {
    twilio,
    ultravox,
    cartesia,
    publicUrl: PUBLIC_URL,
    env: {
      PORT: '0',
      HOST: '127.0.0.1',
      PUBLIC_URL,
      TWILIO_ACCOUNT_SID: ACCOUNT_SID,
      TWILIO_AUTH_TOKEN: AUTH_TOKEN,
      TWILIO_API_URL: twilio.restUrl,
      CARTESIA_API_KEY: 'a key that only the simulated Cartesia knows',
      CARTESIA_MAX_CONTEXTS: '200',
      CARTESIA_PLAINTEXT_ADDRESS: `${cartesia.host}:${cartesia.port}`,
      ULTRAVOX_URL: ultravox.url,
      DATA_DIRECTORY: data,
      RESTAURANT_PROFILE: RESTAURANT,
    },
    close: async () => {
      await Promise.all([twilio.close(), ultravox.close(), cartesia.close()]);
      await rm(data, { recursive: true, force: true });
    },
  };
}

export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const simulators = await startSimulators(options);
  const { twilio, ultravox, cartesia, env } = simulators;
  const settings = { ...env, ...options.env };
  const orchestrator = await startOrchestrator(loadConfig(settings), {
    profile: loadProfile({ env: settings }),
    log: options.log ?? pino({ level: 'silent' }),
    ...(options.observer && { observer: options.observer }),
    ...(options.limits && { limits: options.limits }),
  });
  await orchestrator.engine.ready(READY_MS);
  return {
    orchestrator,
    twilio,
    ultravox,
    cartesia,
    placeCall: (call) =>
      twilio.placeCall({ webhookUrl: `${orchestrator.url}/`, publicUrl: PUBLIC_URL, ...call }),
    close: async (graceMs = 0) => {
      await orchestrator.close(graceMs);
      await simulators.close();
    },
  };
}
