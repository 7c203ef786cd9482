/** The real server, with the rest of the process in the hands of a test. */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import type { CallPage, CallQuery, WholeCall } from '../../src/journal/call-list.ts';
import { callerKey, last4 } from '../../src/journal/caller-key.ts';
import type { JournalEntry } from '../../src/journal/journal-entry.ts';
import type { Recording } from '../../src/journal/recordings.ts';
import type { CallRow, MessageRow } from '../../src/journal/schema.ts';
import { callSentences } from '../../src/restaurant/call-sentences.ts';
import type { CallDecision } from '../../src/server/call-decision.ts';
import type { ServerWatch } from '../../src/server/metrics.ts';
import type {
  AnalysisPeriod,
  Refusal,
  ServerOptions,
  Staff,
} from '../../src/server/server-options.ts';
import type { Access } from '../../src/server/viewer.ts';
import { createServer } from '../../src/server.ts';
import { StreamTokens } from '../../src/twilio/stream-token.ts';
import { Feed } from '../../src/visualiser/feed.ts';
import { LogLines } from './log-lines.ts';
import { PUBLIC_URL, TwilioHand } from './twilio-hand.ts';

export const AUTH_TOKEN = 'the auth token of these tests';
export const STAFF_NUMBER = '+15550100';
export const ACCOUNT_SID = `AC${'7'.repeat(32)}`;
const EMPTY_QUEUE = { depth: 0, inSlot: 0, streaming: 0, predictedWaitMs: 0, entries: [] };

/** What the rest of the process says, and what it was told. */
export class SteeredProcess {
  active = 0;
  full = false;
  refusal: Refusal | undefined;
  /** By CallSid; a call that is not in it is not known. */
  decisions = new Map<string, CallDecision>();
  /** Instead of any answer. */
  decisionFault: 'rejects' | 'hangs' | undefined;
  staff: Record<string, string> = { manager: STAFF_NUMBER };
  /** What becomes of a call whose stream broke. */
  taken: Awaited<ReturnType<ServerOptions['takeOver']>> = 'unknown';
  takeOverFault: 'rejects' | 'hangs' | undefined;
  /** Everything that speaks has failed. */
  speechless = false;
  /** Of calls that live here. */
  live = new Set<string>();
  apiToken: string | undefined;
  page: CallPage = { calls: [] };
  whole: WholeCall | undefined;
  recordsFault: Error | undefined;
  dial: ((to: string) => Promise<string>) | undefined;
  journalFault: Error | undefined;
  /** Whether the journal can keep what it is given, once that is known. */
  keeps: boolean | Promise<boolean> = true;
  access: Access = 'on';
  feed = new Feed({ program: 'test', maxCalls: 200, readQueue: () => EMPTY_QUEUE });
  recording: Recording | undefined;
  /** Takes upgraded sockets; without it they are closed. */
  takeSocket: ((socket: WebSocket) => void) | undefined;
  readonly periods: AnalysisPeriod[] = [];
  /** What the figures are read from; without it there are none. */
  metrics: ServerOptions['metrics'];
  watch: ServerWatch | undefined;

  readonly takenOver: string[] = [];
  readonly opened: unknown[] = [];
  readonly entries: JournalEntry[] = [];
  readonly answered: [callSid: string, who: string][] = [];
  readonly hungUp: string[] = [];
  readonly queries: CallQuery[] = [];

  /** The fields of a call's row as they were last written. */
  row(callSid: string): Partial<CallRow> {
    const fields = this.entries.flatMap((entry) =>
      entry.kind === 'call' && entry.callSid === callSid ? [entry.fields] : [],
    );
    return Object.assign({}, ...fields) as Partial<CallRow>;
  }

  /** Each message once, as its id says. */
  get messages(): MessageRow[] {
    const messages = new Map<string, MessageRow>();
    for (const entry of this.entries) {
      if (entry.kind === 'message' && !messages.has(entry.row.id)) {
        messages.set(entry.row.id, entry.row);
      }
    }
    return [...messages.values()];
  }

  staffNumber(name: string | undefined): Staff | undefined {
    const chosen = name ?? Object.keys(this.staff)[0] ?? '';
    const number = Object.hasOwn(this.staff, chosen) ? this.staff[chosen] : undefined;
    return number === undefined ? undefined : { name: chosen, number };
  }

  async takeOver(callSid: string): ReturnType<ServerOptions['takeOver']> {
    this.takenOver.push(callSid);
    if (this.takeOverFault === 'rejects') throw new Error('the database cannot be reached');
    if (this.takeOverFault === 'hangs') await new Promise(() => {});
    return this.taken;
  }

  async decisionOf(callSid: string): Promise<CallDecision | undefined> {
    if (this.decisionFault === 'rejects') throw new Error('the decisions cannot be read');
    if (this.decisionFault === 'hangs') await new Promise(() => {});
    return this.decisions.get(callSid);
  }
}

export interface SteeredServer {
  readonly app: FastifyInstance;
  readonly twilio: TwilioHand;
  readonly log: LogLines;
  /** Where it listens. */
  readonly url: string;
}

export interface SteeredServerOptions {
  /** Where Twilio believes the server to be. */
  publicUrl?: string;
  /** The language in which calls begin. */
  language?: string;
}

export async function startSteeredServer(
  rest: SteeredProcess,
  { publicUrl = PUBLIC_URL, language = 'en' }: SteeredServerOptions = {},
): Promise<SteeredServer> {
  const log = new LogLines();
  const app = await createServer({
    publicUrl,
    authToken: AUTH_TOKEN,
    apiToken: rest.apiToken,
    calls: {
      get active() {
        return rest.active;
      },
      get full() {
        return rest.full;
      },
      open: (socket) => {
        if (rest.takeSocket) return rest.takeSocket(socket);
        rest.opened.push(socket);
        socket.close(1008);
      },
    },
    tokens: new StreamTokens({ secret: AUTH_TOKEN }),
    refusal: () => rest.refusal,
    admit: () => rest.refusal,
    engineState: () => 'ready.trusted',
    decisionOf: (callSid) => rest.decisionOf(callSid),
    takeOver: (callSid) => rest.takeOver(callSid),
    staffNumber: (name) => rest.staffNumber(name),
    answeredBy: (callSid, who) => {
      rest.answered.push([callSid, who]);
      return rest.live.has(callSid);
    },
    hangUp: async (callSid) => void rest.hungUp.push(callSid),
    journal: {
      write: (entry) => {
        if (rest.journalFault) throw rest.journalFault;
        rest.entries.push(entry);
        return true;
      },
      kept: async () => rest.keeps,
    },
    callerKey: (number) => ({ key: callerKey(number, 'a test secret'), last4: last4(number) }),
    sayings: (wanted) => {
      if (rest.speechless) throw new Error('no words are left');
      return callSentences(wanted);
    },
    language,
    records: {
      list: async (query) => {
        rest.queries.push(query);
        if (rest.recordsFault) throw rest.recordsFault;
        return rest.page;
      },
      one: async () => rest.whole,
    },
    dial: rest.dial && ((to) => rest.dial!(to)),
    visualiser: {
      access: rest.access,
      feed: rest.feed,
      accountSid: ACCOUNT_SID,
      moments: async ({ call }) => ({ moments: [], problem: call.call_sid }),
      recording: async () => rest.recording,
      analysis: async (period) => {
        rest.periods.push(period);
        return { days: [] };
      },
    },
    ...(rest.metrics && { metrics: rest.metrics }),
    ...(rest.watch && { watch: rest.watch }),
    log: log.log,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return { app, twilio: new TwilioHand(url, AUTH_TOKEN), log, url };
}
