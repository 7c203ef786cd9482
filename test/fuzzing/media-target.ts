/** Media streams over real sockets, to the real server, stream, machine, agent and queue. */
import { WebSocket } from 'ws';
import { CLIP_NAMES, type ClipName } from '../../machines/call-protocol.ts';
import type { Call } from '../../src/call.ts';
import { Calls } from '../../src/calls.ts';
import type { JournalEntry } from '../../src/journal/journal-entry.ts';
import { Desk } from '../../src/restaurant/desk.ts';
import { toolDescriptions } from '../../src/restaurant/toolbox.ts';
import type { Clip } from '../../src/tts/clips.ts';
import { StreamTokens } from '../../src/twilio/stream-token.ts';
import { EngineQueue } from '../../src/ultravox/engine-queue.ts';
import type { LogLines } from '../support/log-lines.ts';
import { MemoryBook } from '../support/memory-book.ts';
import { NOON, PROFILE } from '../support/open-desk.ts';
import { clipOf } from '../support/spoken-words.ts';
import { TEST_LIMITS } from '../support/steered-call.ts';
import {
  AUTH_TOKEN,
  SteeredProcess,
  type SteeredServer,
  startSteeredServer,
} from '../support/steered-server.ts';
import { PUBLIC_URL } from '../support/twilio-hand.ts';
import { type FuzzTarget, mustHold, Reached } from './fuzz-target.ts';
import { judgeEntry } from './judge-entry.ts';
import { judgeLog } from './judge-log.ts';
import { Loudness } from './loudness.ts';
import { ACCOUNT_SID, drawMediaCase, type MediaInput } from './media-case.ts';
import { MediaPeer } from './media-peer.ts';
import { oddEngine, oddVoice } from './odd-engine.ts';

const CONCURRENCY = 4;
const CLIPS = Object.fromEntries(CLIP_NAMES.map((name) => [name, clipOf(`${name}.`)])) as Record<
  ClipName,
  Clip
>;

export async function mediaTarget(): Promise<FuzzTarget<MediaInput>> {
  const rest = new SteeredProcess();
  const server = await startSteeredServer(rest);
  const reached = new Reached();
  const house = new House(rest, server.log, reached);
  const connect = connector(server, rest, house.calls);
  return {
    inputs: 'media messages',
    concurrency: CONCURRENCY,
    reached,
    draw: drawMediaCase,
    async run(inputs) {
      const { socket, call } = await connect();
      const callSid = `CA${crypto.randomUUID().replaceAll('-', '')}`;
      const peer = new MediaPeer(socket, { callSid, token: house.tokenOf(callSid) });
      const taken = await peer.play(inputs);
      await call.settled;
      mustHold(!call.callSid || call.callSid === callSid, 'expected no other call to be opened');
      judgeLog(server.log);
      return taken;
    },
    async close() {
      await house.close();
      await server.app.close();
    },
  };
}

/** The live calls, and what they use. */
class House {
  readonly calls: Calls;
  readonly #activity = new Loudness();
  readonly #queue = new EngineQueue({ stream: oddEngine, maxDepth: 200 });
  readonly #tokens = new StreamTokens({ secret: AUTH_TOKEN });

  constructor(rest: SteeredProcess, { log }: LogLines, reached: Reached) {
    this.calls = new Calls(
      {
        limits: TEST_LIMITS,
        personReachable: () => rest.staffNumber(undefined) !== undefined,
        verify: ({ callSid, accountSid, customParameters }) => {
          const { token = '', ...claims } = Object.fromEntries(customParameters);
          return accountSid === ACCOUNT_SID && this.#tokens.redeem(token, callSid, claims) === 'ok';
        },
        activity: this.#activity,
        queue: this.#queue,
        voice: oddVoice,
        clips: () => CLIPS,
        systemPrompt: 'You answer.',
        note: () => 'It is noon.',
        openDesk,
        toolDescriptions: toolDescriptions(PROFILE),
        journal: { write: (entry: JournalEntry) => judgeEntry(entry) },
        versions: '{}',
        audioFormat: () => 'mulaw',
        language: 'en',
        temperature: 0,
        maxTokens: 100,
        speculates: true,
        queueDeadlineMs: 6000,
        log,
        observer: {
          onState: (_call, path) => reached.note(path),
          onEnded: (_call, { outcome }) => reached.note(`ended ${outcome}`),
        },
      },
      2 * CONCURRENCY,
    );
  }

  tokenOf(callSid: string): string {
    return this.#tokens.issue(callSid, { direction: 'inbound', caller: '+15550123' });
  }

  /** Nothing may be held once the last call is over. */
  async close(): Promise<void> {
    await this.calls.settled();
    await this.#queue.onIdle();
    const held = this.calls.active + this.#activity.openStreams + this.#queue.depth;
    mustHold(held === 0, `expected nothing to be held after the last call, got ${held}`);
  }
}

function openDesk({ callSid, callerPhone }: { callSid: string; callerPhone?: string | undefined }) {
  return new Desk({
    profile: PROFILE,
    book: new MemoryBook({ now: () => NOON }),
    takeMessage: async () => undefined,
    callSid,
    ...(callerPhone && { callerPhone }),
    now: () => NOON,
  });
}

/** Connects one at a time, so that each socket is known by its call. */
function connector(server: SteeredServer, rest: SteeredProcess, calls: Calls) {
  const wss = PUBLIC_URL.replace('https', 'wss');
  const headers = { 'x-twilio-signature': server.twilio.sign('/media', {}, wss) };
  const url = `${server.url.replace('http', 'ws')}/media`;
  let before: Promise<unknown> = Promise.resolve();
  const connect = async () => {
    const taken = new Promise<Call>((resolve) => {
      rest.takeSocket = (socket) => resolve(calls.open(socket));
    });
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return { socket, call: await taken };
  };
  return () => {
    const connected = before.then(connect);
    before = connected.catch(() => undefined);
    return connected;
  };
}
