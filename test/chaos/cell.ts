/**
 * Servers with all that they need, for themselves: a database, a balancer, a telephone network, an
 * engine, a voice. What happens in one cell, no other one notices.
 */
import { join } from 'node:path';
import type { PlaceCall } from '../../src/simulators/twilio/place-call.ts';
import type { SimulatedCall } from '../../src/simulators/twilio/simulated-twilio.ts';
import type { SocketLoss } from '../../src/simulators/twilio/twiml-runner.ts';
import type { Recording } from '../../src/simulators/ultravox/simulated-ultravox.ts';
import { type Simulators, startSimulators } from '../../src/stage.ts';
import { type RandomBalancer, startRandomBalancer } from '../support/random-balancer.ts';
import { type CallStore, sqliteStore, startPostgresStore } from './call-store.ts';
import { dialogueModel, GREETING, type Line, REPLIES } from './dialogue.ts';
import { markedSpeech } from './marked-speech.ts';
import { ServerPlace } from './server-place.ts';

export interface CellOptions {
  /** One of them: a single server with SQLite. */
  replicas: number;
  /** Of PostgreSQL. */
  binaries: string;
  seed: number;
  recordings: ReadonlyMap<string, Recording>;
  socketLoss: SocketLoss;
  graceSeconds?: number;
}

export interface Cell {
  readonly servers: readonly ServerPlace[];
  readonly store: CallStore;
  readonly balancer: RandomBalancer;
  /** Told when the model asks for the tool of a line. */
  onTool: (line: Line) => void;
  /** @param lineUrl where it dials; the balancer by default */
  placeCall(place: Pick<PlaceCall, 'caller' | 'onHeard'>, lineUrl?: string): SimulatedCall;
  /** The server to which the only stream goes. */
  holder(): ServerPlace | undefined;
  close(): Promise<void>;
}

/** As Twilio waits for an answer for 15 s. */
const BALANCER_WAITS_MS = 10_000;
const CALL_MS = 180_000;

export async function startCell(options: CellOptions): Promise<Cell> {
  await using opened = new AsyncDisposableStack();
  const told = { onTool: (_line: Line) => {} };
  const simulators = await simulatorsOf(options, (line) => told.onTool(line));
  opened.defer(() => simulators.close());
  const directory = simulators.env.DATA_DIRECTORY!;
  const isSingle = options.replicas === 1;
  const store = isSingle ? sqliteStore(directory) : await startPostgresStore(options.binaries);
  opened.defer(() => store.close());
  const ports: number[] = [];
  const servers = await Promise.all(
    Array.from({ length: options.replicas }, async (_, index) => {
      const data = { DATA_DIRECTORY: join(directory, `replica-${index}`) };
      const place = await ServerPlace.start(
        { ...envOf(simulators, options), ...data, ...store.env },
        ports,
      );
      opened.defer(() => place.stop());
      return place;
    }),
  );
  const waits = { waitsMs: BALANCER_WAITS_MS };
  const balancer = await startRandomBalancer(ports, options.seed, waits);
  opened.defer(() => balancer.close());
  const rest = opened.move();
  return Object.assign(told, {
    servers,
    store,
    balancer,
    placeCall: (place: Pick<PlaceCall, 'caller' | 'onHeard'>, lineUrl = balancer.url) =>
      simulators.twilio.placeCall({
        webhookUrl: `${lineUrl}/`,
        publicUrl: simulators.publicUrl,
        statusCallbackUrl: `${simulators.publicUrl}/status#rc=5&rp=all&rt=4000`,
        maxMs: CALL_MS,
        ...place,
      }),
    holder: () => servers.find(({ port }) => port === balancer.streams.at(-1)),
    close: () => rest.disposeAsync(),
  });
}

function simulatorsOf(
  { seed, recordings, socketLoss }: CellOptions,
  onTool: (line: Line) => void,
): Promise<Simulators> {
  return startSimulators({
    twilio: { seed, onSocketLost: socketLoss },
    cartesia: { voice: markedSpeech(REPLIES), realTimeFactor: 20, maxContexts: 200 },
    ultravox: {
      firstTokenMs: 80,
      recordings: [...recordings.values()],
      reply: dialogueModel(onTool),
      seed,
    },
  });
}

function envOf(simulators: Simulators, { graceSeconds = 5 }: CellOptions): Record<string, string> {
  return {
    ...simulators.env,
    RESTAURANT_GREETING: GREETING,
    SHUTDOWN_GRACE_SECONDS: String(graceSeconds),
    // No call is turned away: what is asked is what becomes of those that are up.
    ENGINE_MAX_UTILISATION: '100',
    ENGINE_MAX_WAIT_SECONDS: '60',
    // Room for everybody who ever calls in a run.
    RESTAURANT__RESERVATIONS__SEATING: '{ tables: [{ seats: 4, count: 200 }] }',
  };
}
