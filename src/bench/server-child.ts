import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Answer, Order, ServerFigures } from './server-process.ts';

const START_MS = 60_000;
const ANSWER_MS = 10_000;

/** The server's process, seen from the benchmark's. */
export class ServerChild {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(env: Record<string, string>): Promise<ServerChild> {
    const child = fork(join(import.meta.dirname, 'server-process.ts'), {
      env: { PATH: process.env.PATH, ...env },
      execArgv: [...process.execArgv, '--expose-gc'],
    });
    const { url } = await answerOf(child, 'listening', START_MS);
    return new ServerChild(child, url);
  }

  /** Forgets what was measured so far. */
  async measure(): Promise<void> {
    this.#tell({ order: 'measure' });
    await answerOf(this.#child, 'measuring', ANSWER_MS);
  }

  /** What is known of capacity is measured until then: while calls are live. */
  async weigh(): Promise<void> {
    this.#tell({ order: 'weigh' });
    await answerOf(this.#child, 'weighed', ANSWER_MS);
  }

  async report(): Promise<ServerFigures> {
    this.#tell({ order: 'report' });
    return (await answerOf(this.#child, 'report', ANSWER_MS)).figures;
  }

  async close(): Promise<void> {
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#tell({ order: 'close' });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), ANSWER_MS * 3);
    await exited;
    clearTimeout(timer);
  }

  #tell(order: Order): void {
    this.#child.send(order);
  }
}

function answerOf<Kind extends Answer['answer']>(
  child: ChildProcess,
  kind: Kind,
  withinMs: number,
): Promise<Extract<Answer, { answer: Kind }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<Answer, { answer: Kind }>>();
  const onMessage = (message: Answer) => {
    if (message.answer === kind) resolve(message as Extract<Answer, { answer: Kind }>);
  };
  const onExit = (code: number | null) => reject(new Error(`the server ended with ${code}`));
  const timer = setTimeout(
    () => reject(new Error(`expected the server to say "${kind}" within ${withinMs} ms`)),
    withinMs,
  );
  child.on('message', onMessage).on('exit', onExit);
  return promise.finally(() => {
    clearTimeout(timer);
    child.off('message', onMessage).off('exit', onExit);
  });
}
