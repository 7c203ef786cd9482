/** `node src/main.ts` as an operator starts it: its own process, its settings, its output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inTime } from './twilio-hand.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 45_000;

export interface ServerPlace {
  /** Where the program lies; this project by default. */
  directory: string;
  /** Node, then its arguments. */
  command: readonly string[];
  /** Whoever runs the test by default. */
  user?: { uid: number; gid: number } | undefined;
}

const HERE: ServerPlace = { directory: ROOT, command: [process.execPath, 'src/main.ts'] };

export class ChildServer {
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  stdout = '';
  stderr = '';

  /** @param env All of its environment. */
  constructor(env: Record<string, string>, place = HERE) {
    const [node = '', ...args] = place.command;
    const child = spawn(node, args, {
      cwd: place.directory,
      ...place.user,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once('close', (code) => resolve(code)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** What it has logged so far, whole lines. */
  get lines(): { msg: string; [field: string]: unknown }[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** Waits for a line that says this. */
  async says(msg: string): Promise<Record<string, unknown>> {
    const said = () => this.lines.find((line) => line.msg === msg);
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    const look = () => {
      const line = said();
      if (line) resolve(line);
    };
    this.#child.stdout?.on('data', look);
    void this.#exited.then(() => reject(new Error(`expected "${msg}", it ended: ${this.stderr}`)));
    look();
    try {
      return await inTime(promise, `a log line saying "${msg}"`, START_MS);
    } finally {
      this.#child.stdout?.off('data', look);
    }
  }

  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  /** Its exit code; null when a signal killed it. */
  exited(withinMs: number): Promise<number | null> {
    return inTime(this.#exited, 'the server to exit', withinMs);
  }

  /** For the end of a test, whatever came of it. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
