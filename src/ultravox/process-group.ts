import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ProcessGroupOptions {
  command: string;
  args: readonly string[];
  /** All of its environment. */
  env: Record<string, string>;
  onOutput(text: string, from: 'stdout' | 'stderr'): void;
}

const GUARD = fileURLToPath(new URL('./process-guard.ts', import.meta.url));
const LOOK_MS = 20;
/** The kernel takes its time with a process that holds much memory. */
const KILLED_MS = 5000;
/** For the last lines, which are on their way when the program has ended. */
const LAST_LINES_MS = 1000;

/**
 * A program with all that it starts. None of it outlives us: a guard ends it when we die without
 * having done so.
 */
export class ProcessGroup {
  readonly #child: ChildProcess;
  readonly #guard: ChildProcess | undefined;
  /** Resolves with how the program itself ended, in words; others of its group may still run. */
  readonly ended: Promise<string>;
  /** Its output has been read to the end. */
  readonly #closed: Promise<void>;
  #isOver = false;

  constructor({ command, args, env, onOutput }: ProcessGroupOptions) {
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    const child = spawn(command, args, { env, detached: true, stdio });
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ? `by ${signal}` : `with code ${code}`));
      child.on('error', ({ message }) => resolve(`as it could not be run: ${message}`));
    });
    void this.ended.then(() => {
      this.#isOver = true;
    });
    this.#closed = new Promise((resolve) => child.once('close', () => resolve()));
    for (const from of ['stdout', 'stderr'] as const) {
      child[from].setEncoding('utf8').on('data', (text: string) => onOutput(text, from));
      // Its last line may have no end.
      child[from].once('end', () => onOutput('\n', from)).on('error', () => {});
    }
    if (child.pid !== undefined) this.#guard = startGuard(child.pid);
  }

  /** Undefined: it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * SIGTERM to all of it, and SIGKILL to what is left after this time; at once where the program
   * itself has ended.
   * @returns whether nothing is left of it
   */
  async end(graceMs: number): Promise<boolean> {
    if (!this.#isOver) this.#signal('SIGTERM');
    let isGone = await this.#isGoneWithin(this.#isOver ? 0 : graceMs);
    if (!isGone) {
      this.#signal('SIGKILL');
      isGone = await this.#isGoneWithin(KILLED_MS);
    }
    this.#guard?.kill('SIGKILL');
    await this.#readToEnd();
    return isGone;
  }

  async #readToEnd(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_LINES_MS);
    });
    await Promise.race([this.#closed, late]);
    clearTimeout(timer);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  async #isGoneWithin(ms: number): Promise<boolean> {
    const untilMs = performance.now() + ms;
    while (this.#signal(0)) {
      if (performance.now() >= untilMs) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return true;
  }

  /** @returns whether there is anybody to get it */
  #signal(signal: NodeJS.Signals | 0): boolean {
    const { pid } = this.#child;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  }
}

/** In a group of its own: what is sent to ours, such as Ctrl-C, must not end it first. */
function startGuard(group: number): ChildProcess {
  const guard = spawn(process.execPath, [GUARD, String(group)], {
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {});
  guard.unref();
  return guard;
}
