/** Twilio's end of a media stream, sending what it is given. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { inTime } from '../support/twilio-hand.ts';
import { mustHold } from './fuzz-target.ts';
import { CALL, type MediaInput, STREAM_SID, TOKEN } from './media-case.ts';
import { CANARY } from './odd-values.ts';

/** Sent before it is waited for that the server has read them. */
const BURST = 40;
const ANSWER_MS = 10_000;
const MARKS_KEPT = 50;
/** Too large, not UTF-8, not WebSocket: the three that end a connection by themselves. */
const FRAMING_CODES = [1002, 1006, 1007, 1009];

export class MediaPeer {
  readonly #socket: WebSocket;
  readonly #filled: { callSid: string; token: string };
  readonly #closed: Promise<number>;
  #isOpen = true;
  /** That the server has sent, and that are not back. */
  #marks: string[] = [];
  #sequence = 10_000;
  #hasBrokenFraming = false;
  #streamSid: string | undefined;
  #problem: string | undefined;

  constructor(socket: WebSocket, filled: { callSid: string; token: string }) {
    this.#socket = socket;
    this.#filled = filled;
    this.#closed = new Promise((resolve) =>
      socket.on('close', (code) => {
        this.#isOpen = false;
        resolve(code);
      }),
    );
    socket.on('error', () => undefined);
    socket.on('message', (data) => this.#take(data.toString()));
  }

  /** @returns how many were sent before the end of the connection */
  async play(inputs: readonly MediaInput[]): Promise<number> {
    let sent = 0;
    for (const input of inputs) {
      if (!this.#isOpen) break;
      this.#send(input);
      sent += 1;
      if (sent % BURST === 0) await this.#settled();
    }
    // Twilio closes after its last word; the shrunk remains of a case may have none.
    if (this.#isOpen) this.#socket.close();
    const code = await inTime(this.#closed, 'the connection to be closed', ANSWER_MS);
    const known = this.#hasBrokenFraming ? [1000, 1005, 1008, ...FRAMING_CODES] : CODES;
    mustHold(known.includes(code), `expected a close for a reason of the protocol, got ${code}`);
    mustHold(this.#problem === undefined, this.#problem ?? '');
    return sent;
  }

  #send(input: MediaInput): void {
    const socket = this.#socket;
    if ('text' in input) {
      const text = this.#fill(input.text);
      if (Buffer.byteLength(text) > MESSAGE_BYTES) this.#hasBrokenFraming = true;
      socket.send(text);
    } else if ('binary' in input) socket.send(Buffer.from(input.binary, 'base64'));
    else if ('bytes' in input) {
      this.#hasBrokenFraming = true;
      socket.send(Buffer.from(input.bytes, 'base64'), { binary: false });
    } else if ('wire' in input) {
      this.#hasBrokenFraming = true;
      tcpOf(socket).write(Buffer.from(input.wire, 'base64'));
    } else if ('echo' in input) this.#echo(input.echo);
    else if (input.end === 'close') socket.close();
    else {
      this.#hasBrokenFraming = true;
      socket.terminate();
    }
  }

  #fill(text: string): string {
    return text.replaceAll(CALL, this.#filled.callSid).replaceAll(TOKEN, this.#filled.token);
  }

  #echo(which: 'all' | 'newest' | 'twice'): void {
    const names = which === 'newest' ? this.#marks.slice(-1) : this.#marks;
    for (const name of which === 'twice' ? names.flatMap((each) => [each, each]) : names) {
      const sequenceNumber = String(++this.#sequence);
      const mark = { event: 'mark', streamSid: STREAM_SID, sequenceNumber, mark: { name } };
      this.#socket.send(JSON.stringify(mark));
    }
    this.#marks = [];
  }

  /** Nothing of what was sent may come back, and all of it must be a message of the protocol. */
  #take(text: string): void {
    const { event, streamSid, mark } = JSON.parse(text) as Record<string, unknown>;
    // Whatever the first message named it, as long as it was a name.
    this.#streamSid ??= String(streamSid);
    const isOurs = streamSid === this.#streamSid && /^[\w-]{1,64}$/.test(this.#streamSid);
    if (!['media', 'mark', 'clear'].includes(String(event)) || !isOurs) {
      this.#problem = `expected sound, a mark or a clear of this stream, got ${text}`;
    }
    if (text.replace(this.#streamSid, '').includes(CANARY)) {
      this.#problem = `expected nothing to be echoed, got ${text}`;
    }
    if (event !== 'mark') return;
    this.#marks.push((mark as { name: string }).name);
    if (this.#marks.length > MARKS_KEPT) this.#marks.shift();
  }

  /** Resolves when the server has read what was sent before, or has closed. */
  async #settled(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.#socket.once('pong', () => resolve()));
    this.#socket.ping();
    const done = Promise.race([answered, this.#closed]);
    await inTime(done, 'messages to be read', ANSWER_MS);
  }
}

/** Ours and the server's: no status, done, refused. */
const CODES = [1000, 1005, 1008];
const MESSAGE_BYTES = 16 * 1024;

function tcpOf(socket: WebSocket): Socket {
  return (socket as unknown as { _socket: Socket })._socket;
}
