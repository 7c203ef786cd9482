import type { TestContext } from 'node:test';
import { VllmProcess, type VllmState } from '../../src/ultravox/vllm-process.ts';
import { LogLines } from './log-lines.ts';
import { StandInVllm } from './stand-in-vllm.ts';
import { inTime } from './twilio-hand.ts';

const PATIENCE_MS = 20_000;
export const MODEL = 'a/model';
export const HF_TOKEN = 'hf_0123456789abcdef';

/** The supervisor with a stand-in for vLLM, and what is told of it. */
export class WatchedVllm {
  readonly vllm: VllmProcess;
  readonly standIn: StandInVllm;
  readonly lines: LogLines;
  readonly states: VllmState[] = [];
  #awaited: { state: VllmState; resolve(): void }[] = [];

  private constructor(vllm: VllmProcess, standIn: StandInVllm, lines: LogLines) {
    this.vllm = vllm;
    this.standIn = standIn;
    this.lines = lines;
    vllm.watch((state) => {
      this.states.push(state);
      const reached = this.#awaited.filter((each) => each.state === state);
      this.#awaited = this.#awaited.filter((each) => each.state !== state);
      for (const { resolve } of reached) resolve();
    });
  }

  static async open(t: TestContext, options: Partial<Options> = {}): Promise<WatchedVllm> {
    const { limits, env = process.env, command } = options;
    const standIn = await StandInVllm.open(t);
    const lines = new LogLines();
    const settings = {
      command: command ?? standIn.command,
      model: MODEL,
      port: standIn.port,
      gpuMemoryUtilization: 0.9,
      maxModelLen: 8192,
      dtype: 'bfloat16',
      maxNumSeqs: 32,
      extraArgs: [],
      hfToken: HF_TOKEN,
    };
    const quick = { lookMs: 20, firstMs: 10, ...limits };
    const vllm = new VllmProcess({ settings, env, log: lines.log, limits: quick });
    t.after(() => vllm.stop());
    return new WatchedVllm(vllm, standIn, lines);
  }

  run(): Promise<void> {
    return this.vllm.ensureRunning(new AbortController().signal);
  }

  /** Resolves when it enters this state from now on. */
  enters(state: VllmState): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaited.push({ state, resolve });
    return inTime(promise, `vLLM to be ${state}`, PATIENCE_MS);
  }

  /** Of the crashes so far, as the log tells of them. */
  get crashes(): { why: string; restartInMs: number }[] {
    return this.lines
      .saying('vllm state changed')
      .filter(({ state }) => state === 'crashed')
      .map(({ why, restartInMs }) => ({ why: String(why), restartInMs: Number(restartInMs) }));
  }
}

interface Options {
  limits: ConstructorParameters<typeof VllmProcess>[0]['limits'];
  env: Record<string, string | undefined>;
  command: string;
}
