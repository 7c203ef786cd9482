/** The voice: the official SDK's decoder and ours over it, on real sockets to a hostile Cartesia. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { CartesiaVoice } from '../../src/tts/cartesia-voice.ts';
import { VoiceError, type VoiceEvent } from '../../src/tts/voice.ts';
import { type CartesiaInput, CONTEXT, DONE, drawCartesiaCase } from './cartesia-case.ts';
import { type FuzzTarget, mustHold, Reached } from './fuzz-target.ts';
import { CANARY } from './odd-values.ts';

const TEXT = 'Good evening, this is the restaurant.';
const MAX_AUDIO_BYTES = 180_000 * 8;

export async function cartesiaTarget(): Promise<FuzzTarget<CartesiaInput>> {
  const reached = new Reached();
  const far = await HostileCartesia.start();
  const voice = new CartesiaVoice({
    apiKey: 'a key',
    voiceId: 'a voice',
    // One that is cut off may take a moment to come back on a busy machine.
    contextWaitMs: 5000,
    plaintextTo: { host: '127.0.0.1', port: far.port },
  });
  return {
    inputs: 'voice messages',
    // One socket serves all, and what is wrong on it ends every reply.
    concurrency: 1,
    reached,
    draw: drawCartesiaCase,
    async run(inputs) {
      await voice.connect();
      const answer = far.answerWith(inputs);
      reached.note(await judgeReply(voice));
      return answer.sent;
    },
    async close() {
      await voice.close();
      await far.close();
    },
  };
}

/** Says one reply, and how it ended. */
async function judgeReply(voice: CartesiaVoice): Promise<string> {
  let bytes = 0;
  try {
    const { signal } = new AbortController();
    for await (const event of voice.speak(pieces(), { signal })) bytes += judgeEvent(event);
    return bytes > 0 ? 'spoken' : 'silent';
  } catch (error) {
    if (!(error instanceof VoiceError)) throw error;
    mustHold(!error.message.includes(CANARY), `expected no quotation, got ${error.message}`);
    return error.kind;
  } finally {
    mustHold(bytes <= MAX_AUDIO_BYTES, `expected at most three minutes of sound, got ${bytes}`);
    mustHold(voice.openContexts === 0, `expected no context to be left, got ${voice.openContexts}`);
  }
}

/** @returns its bytes of sound */
function judgeEvent(event: VoiceEvent): number {
  if (event.type === 'audio') {
    mustHold(event.mulaw instanceof Uint8Array && event.mulaw.length > 0, 'expected sound');
    return event.mulaw.length;
  }
  for (const { text, startMs, endMs } of event.words) {
    const isWord = typeof text === 'string' && Number.isFinite(startMs) && Number.isFinite(endMs);
    mustHold(isWord, `expected a word with its times, got ${typeof text} ${startMs} ${endMs}`);
  }
  return 0;
}

async function* pieces(): AsyncGenerator<string> {
  yield TEXT;
}

class HostileCartesia {
  readonly port: number;
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets: WebSocketServer;
  #answer: { inputs: readonly CartesiaInput[]; sent: number } = { inputs: [], sent: 0 };

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.#sockets = new WebSocketServer({ server });
    this.#sockets.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', (data) => this.#receive(socket, data.toString()));
    });
  }

  static async start(): Promise<HostileCartesia> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new HostileCartesia(server);
  }

  /** To the first text that comes. */
  answerWith(inputs: readonly CartesiaInput[]): { sent: number } {
    this.#answer = { inputs, sent: 0 };
    return this.#answer;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #receive(socket: WebSocket, text: string): void {
    const { transcript, context_id: id } = JSON.parse(text) as Record<string, string>;
    if (!transcript || !id) return;
    const answer = this.#answer;
    const fill = (given: string) => given.replaceAll(CONTEXT, id);
    for (const input of answer.inputs) {
      if (socket.readyState !== socket.OPEN) return;
      answer.sent += 1;
      if ('text' in input) socket.send(fill(input.text));
      else if ('binary' in input) socket.send(Buffer.from(input.binary, 'base64'));
      else if (input.end === 'close') socket.close();
      else socket.terminate();
    }
    // The shrunk remains of a case may have no end, and nobody waits for a stall.
    if (socket.readyState === socket.OPEN) socket.send(fill(DONE));
  }
}
