import type { Logger } from 'pino';
import { EngineClient } from './engine-client.ts';
import { portHolder } from './port-holder.ts';
import { ProcessGroup } from './process-group.ts';
import { RestartPauses, type RestartPausesOptions } from './restart-pauses.ts';
import { type VllmSettings, vllmArguments, vllmEnvironment, vllmUrl } from './vllm-command.ts';
import { VllmOutput } from './vllm-output.ts';

export type VllmState =
  /** Never started, or stopped for good. */
  | 'stopped'
  /** Started, and has said nothing yet. */
  | 'starting'
  /** It says what it does, and does not answer yet. */
  | 'loading'
  /** It answers; whether it serves is being found out. */
  | 'warming'
  /** It has served. */
  | 'ready'
  /** It has ended or must end: what is left of it is ended. */
  | 'ending'
  /** Nothing is left of it; it is started again after a pause. */
  | 'crashed';

export interface VllmLimits extends RestartPausesOptions {
  /** From its start until it answers: downloads and weights included. */
  loadingMs: number;
  /** Between asking whether it answers. */
  lookMs: number;
  /** From SIGTERM to SIGKILL. */
  graceMs: number;
}

export interface VllmOptions {
  settings: VllmSettings;
  /** What of it vLLM gets to see is chosen here. */
  env: Readonly<Record<string, string | undefined>>;
  log: Logger;
  limits?: Partial<VllmLimits>;
}

const LIMITS: VllmLimits = {
  loadingMs: 15 * 60_000,
  lookMs: 500,
  graceMs: 10_000,
  firstMs: 1000,
  maxMs: 60_000,
  stableMs: 5 * 60_000,
};

export class VllmError extends Error {
  override name = 'VllmError';
  readonly kind = 'ended';
}

/**
 * vLLM as a child of this process, for one container with the GPU in it. When it ends, or is given
 * up, it is started again after a growing pause; we go on all the while.
 */
export class VllmProcess {
  readonly #options: VllmOptions;
  readonly #limits: VllmLimits;
  readonly #log: Logger;
  readonly #client: EngineClient;
  readonly #pauses: RestartPauses;
  readonly #watchers = new Set<(state: VllmState) => void>();
  readonly #stopping = new AbortController();
  #state: VllmState = 'stopped';
  #starts = 0;
  /** Resolves when this life of it, or the next one, answers. */
  #answering = handled<void>();
  /** Resolves with why this life of it must end. */
  #over = handled<string>();
  #readyAtMs: number | undefined;
  #running: Promise<void> | undefined;

  constructor(options: VllmOptions) {
    const { settings, log, limits } = options;
    const { port, model, apiKey } = settings;
    this.#options = options;
    this.#limits = { ...LIMITS, ...limits };
    this.#log = log.child({ component: 'vllm' });
    this.#client = new EngineClient({ url: vllmUrl(port), model, ...(apiKey && { apiKey }) });
    this.#pauses = new RestartPauses(this.#limits);
  }

  get state(): VllmState {
    return this.#state;
  }

  /** How often it was begun to start it. */
  get starts(): number {
    return this.#starts;
  }

  /** Whether this life of it has served. */
  get isProven(): boolean {
    return this.#state === 'ready';
  }

  /** @param watcher told of every change; it must not throw */
  watch(watcher: (state: VllmState) => void): void {
    this.#watchers.add(watcher);
  }

  /**
   * Starts it if that was not done yet, and waits until it answers.
   * @throws {VllmError} when it ended before that, or the signal's reason
   */
  async ensureRunning(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#stopping.signal.aborted) throw new VllmError('expected a vLLM, it was stopped');
    this.#running ??= this.#live();
    const left = handled<never>();
    const leave = () => left.reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    await Promise.race([this.#answering.promise, left.promise]).finally(() =>
      signal.removeEventListener('abort', leave),
    );
  }

  /** It has generated what was asked for. */
  prove(): void {
    if (this.#state === 'warming') this.#enter('ready');
  }

  /** It answers, and serves nothing. @param why in words, for the log */
  restart(why: string): void {
    if (this.#state === 'warming' || this.#state === 'ready') this.#over.resolve(why);
  }

  /** Ends it for good, with all that it has started. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#over.resolve('it was stopped');
    await this.#running;
  }

  /** One life after the other. */
  async #live(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const why = await this.#liveOnce().catch((error: Error) => {
        const unfit = `it could not be run: ${error.message}`;
        this.#lose(unfit);
        return unfit;
      });
      if (signal.aborted) break;
      const servedMs = this.#readyAtMs === undefined ? 0 : performance.now() - this.#readyAtMs;
      const pauseMs = this.#pauses.after(servedMs);
      this.#enter('crashed', { why, restartInMs: pauseMs });
      await pause(pauseMs, signal);
    }
    this.#lose('it was stopped');
    this.#enter('stopped');
  }

  /** @returns why it ended, once nothing is left of it */
  async #liveOnce(): Promise<string> {
    const { port } = this.#options.settings;
    const over = handled<string>();
    this.#over = over;
    this.#readyAtMs = undefined;
    this.#starts++;
    this.#enter('starting');
    const holder = await portHolder(port);
    if (holder !== undefined) {
      const why = `expected port ${port} to be free for vLLM, ${holder} listens there`;
      this.#lose(why);
      return why;
    }
    const group = this.#start();
    void group.ended.then((how) => over.resolve(`it ended ${how}`));
    if (this.#stopping.signal.aborted) over.resolve('it was stopped');
    const loading = new AbortController();
    void this.#load(loading.signal);
    const why = await over.promise;
    loading.abort();
    this.#enter('ending', { why });
    this.#lose(why);
    const isGone = await group.end(this.#limits.graceMs);
    if (!isGone) this.#log.error({ vllmPid: group.pid }, 'processes of vLLM do not end');
    return why;
  }

  #start(): ProcessGroup {
    const { settings, env } = this.#options;
    const onLine = this.#lineLog();
    const secrets = [settings.hfToken, settings.apiKey].filter((each) => each !== undefined);
    const outputs = {
      stdout: new VllmOutput({ secrets, onLine }),
      stderr: new VllmOutput({ secrets, onLine }),
    };
    const group = new ProcessGroup({
      command: settings.command,
      args: vllmArguments(settings),
      env: vllmEnvironment(env, settings),
      onOutput: (text, from) => {
        if (this.#state === 'starting') this.#enter('loading');
        outputs[from].push(text, performance.now());
      },
    });
    this.#log.info({ vllmPid: group.pid }, 'vllm started');
    return group;
  }

  /** A line that says no level, such as one of a stack trace, goes on with what the last one said. */
  #lineLog(): ConstructorParameters<typeof VllmOutput>[0]['onLine'] {
    let last: 'info' | 'error' = 'info';
    return ({ level, text }, dropped) => {
      if (level) last = level === 'error' || level === 'fatal' ? 'error' : 'info';
      this.#log[level ?? last]({ line: text, ...(dropped > 0 && { dropped }) }, 'vllm says');
    };
  }

  /** Until it answers, or its time is over. */
  async #load(signal: AbortSignal): Promise<void> {
    const { loadingMs, lookMs } = this.#limits;
    const timer = setTimeout(() => {
      this.#over.resolve(`expected an answer within ${loadingMs} ms of its start, got none`);
    }, loadingMs);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    while (!signal.aborted && !(await this.#answers(signal))) await pause(lookMs, signal);
    clearTimeout(timer);
    if (signal.aborted) return;
    this.#enter('warming');
    this.#answering.resolve();
  }

  async #answers(signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.#client.models(signal)).includes(this.#options.settings.model);
    } catch {
      return false;
    }
  }

  /** Whoever waits for this life waits in vain; who comes now waits for the next one. */
  #lose(why: string): void {
    this.#answering.reject(new VllmError(`expected vLLM to run, ${why}`));
    this.#answering = handled<void>();
  }

  #enter(state: VllmState, details: { why?: string; restartInMs?: number } = {}): void {
    this.#state = state;
    if (state === 'ready') this.#readyAtMs = performance.now();
    const isFault = state === 'crashed';
    this.#log[isFault ? 'error' : 'info']({ state, ...details }, 'vllm state changed');
    for (const watcher of this.#watchers) watcher(state);
  }
}

/** One that nobody may wait for. */
function handled<T>(): PromiseWithResolvers<T> {
  const resolvers = Promise.withResolvers<T>();
  resolvers.promise.catch(() => {});
  return resolvers;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const wake = () => resolve();
  signal.addEventListener('abort', wake, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', wake);
}
