/** A program to be started in place of vLLM, of which a test decides what each life of it does. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { EngineFaults } from '../../src/simulators/ultravox/engine-faults.ts';
import { freePort } from './free-port.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { inTime } from './twilio-hand.ts';

const PROGRAM = fileURLToPath(new URL('./stand-in-vllm-process.ts', import.meta.url));
const PATIENCE_MS = 20_000;

export type Order =
  | { do: 'say'; text: string; on: 'stdout' | 'stderr' }
  | { do: 'serve'; faults: Partial<EngineFaults> }
  | { do: 'fail'; faults: Partial<EngineFaults> }
  | { do: 'exit'; code: number }
  | { do: 'ignoreSigterm' }
  /** Starts a process of its own, which ignores nothing and knows of nobody's end. */
  | { do: 'startWorker' };

interface Introduction {
  pid: number;
  args: string[];
  env: Record<string, string>;
}

export class StandInVllm {
  readonly command: string;
  /** Free when the test began. */
  readonly port: number;
  readonly lives: Life[] = [];
  readonly #came: Life[] = [];
  readonly #awaited: ((life: Life) => void)[] = [];

  private constructor(command: string, port: number) {
    this.command = command;
    this.port = port;
  }

  static async open(t: Pick<TestContext, 'after'>): Promise<StandInVllm> {
    const directory = await temporaryDirectory(t);
    const [command, control] = [join(directory, 'vllm'), join(directory, 'control')];
    const line = `exec '${process.execPath}' -C development '${PROGRAM}' '${control}' "$@"`;
    await writeFile(command, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
    const standIn = new StandInVllm(command, await freePort());
    const server = createServer((socket) => void standIn.#meet(socket)).listen(control);
    await once(server, 'listening');
    t.after(() => standIn.#close(server));
    return standIn;
  }

  /** The next one to begin of which nobody has asked yet, its workers included. */
  nextLife(): Promise<Life> {
    const life = this.#came.shift();
    if (life) return Promise.resolve(life);
    const { promise, resolve } = Promise.withResolvers<Life>();
    this.#awaited.push(resolve);
    return inTime(promise, 'the stand-in to be started', PATIENCE_MS);
  }

  async #meet(socket: Socket): Promise<void> {
    const life = await Life.meet(socket);
    this.lives.push(life);
    const awaiting = this.#awaited.shift();
    if (awaiting) awaiting(life);
    else this.#came.push(life);
  }

  /** The programs go when nobody is there to tell them what to do. */
  async #close(server: Server): Promise<void> {
    for (const life of this.lives) life.abandon();
    server.close();
    await once(server, 'close');
  }
}

/** One run of the program. */
export class Life implements Introduction {
  readonly pid: number;
  readonly args: string[];
  readonly env: Record<string, string>;
  readonly #ended: Promise<void>;
  readonly #socket: Socket;
  readonly #answers: AsyncIterator<string>;

  private constructor(
    { pid, args, env }: Introduction,
    socket: Socket,
    answers: AsyncIterator<string>,
  ) {
    this.pid = pid;
    this.args = args;
    this.env = env;
    this.#socket = socket;
    this.#answers = answers;
    this.#ended = new Promise<void>((resolve) => {
      if (socket.closed) resolve();
      socket.once('close', () => resolve());
    });
  }

  static async meet(socket: Socket): Promise<Life> {
    socket.on('error', () => {});
    const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
    const first = await answers.next();
    return new Life(JSON.parse(first.value ?? '{}'), socket, answers);
  }

  /** Resolves when nothing is left of it. */
  ends(): Promise<void> {
    return inTime(this.#ended, `process ${this.pid} to end`, PATIENCE_MS);
  }

  say = (text: string, on: 'stdout' | 'stderr' = 'stdout') => this.#order({ do: 'say', text, on });
  serve = (faults: Partial<EngineFaults> = {}) => this.#order({ do: 'serve', faults });
  fail = (faults: Partial<EngineFaults>) => this.#order({ do: 'fail', faults });
  ignoreSigterm = () => this.#order({ do: 'ignoreSigterm' });
  startWorker = () => this.#order({ do: 'startWorker' });

  async exit(code: number): Promise<void> {
    this.#socket.write(`${JSON.stringify({ do: 'exit', code })}\n`);
    await this.ends();
  }

  abandon(): void {
    this.#socket.destroy();
  }

  /** Resolves when that is done. */
  async #order(order: Order): Promise<void> {
    this.#socket.write(`${JSON.stringify(order)}\n`);
    await inTime(this.#answers.next(), `the stand-in to ${order.do}`, PATIENCE_MS);
  }
}
