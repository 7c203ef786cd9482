import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface VllmOptions {
  command: string;
  model: string;
  /** Where it is to serve, such as http://127.0.0.1:8000/v1. */
  url: string;
  /** Its output, line by line. */
  onLine(line: string): void;
}

const POLL_MS = 500;
const STOP_MS = 10_000;

/** vLLM as a child of this process, for one container with the GPU in it. */
export class VllmProcess {
  readonly #options: VllmOptions;
  #child: ChildProcess | undefined;

  constructor(options: VllmOptions) {
    this.#options = options;
  }

  /** Starts it if it does not run, and waits until it answers. Rejects when it ends before that. */
  async ensureRunning(signal: AbortSignal): Promise<void> {
    const child = this.#child ?? this.#start();
    while (!(await this.#answers(signal))) {
      signal.throwIfAborted();
      if (this.#child !== child) throw new Error('expected vLLM to keep running, it has ended');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** SIGTERM, and SIGKILL when that is not enough. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await promise;
    clearTimeout(timer);
  }

  #start(): ChildProcess {
    const { command, model, url, onLine } = this.#options;
    const { hostname, port } = new URL(url);
    const child = spawn(command, ['serve', model, '--host', hostname, '--port', port, ...FLAGS], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const forget = () => {
      if (this.#child === child) this.#child = undefined;
    };
    child.once('exit', forget);
    child.once('error', (error) => {
      onLine(error.message);
      forget();
    });
    for (const output of [child.stdout, child.stderr]) {
      if (output) createInterface({ input: output }).on('line', onLine);
    }
    return child;
  }

  async #answers(signal: AbortSignal): Promise<boolean> {
    try {
      const response = await fetch(`${this.#options.url}/models`, { signal });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}

/**
 * The content format is given because vLLM's own guess follows the chat template, and with a
 * template for tool calls that guess drops the audio from the prompt.
 */
const FLAGS = [
  '--trust-remote-code',
  ...['--dtype', 'bfloat16'],
  ...['--max-model-len', '8192'],
  ...['--gpu-memory-utilization', '0.90'],
  ...['--limit-mm-per-prompt', '{"audio":60}'],
  ...['--chat-template-content-format', 'string'],
  '--enable-auto-tool-choice',
  ...['--tool-call-parser', 'llama3_json'],
  ...['--max-num-seqs', '32'],
];
