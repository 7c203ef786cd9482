import assert from 'node:assert/strict';
import type { CallRecord } from '../../src/call/call-record.ts';
import type { CallObserver } from '../../src/call/call-services.ts';
import type { Call } from '../../src/call.ts';
import { recordLines } from '../../src/demo/recordings.ts';
import type { InUse } from '../../src/orchestrator.ts';
import type { CallReport } from '../../src/simulators/twilio/call-report.ts';
import type { Caller } from '../../src/simulators/twilio/caller.ts';
import { type Stage, type StageOptions, setStage } from '../../src/stage.ts';
import { EmbeddedVoice } from '../../src/tts/embedded-voice.ts';
import type { Turn } from '../../src/ultravox/conversation.ts';

/** What test callers say. */
export const LINES = {
  table: 'I would like to book a table for tomorrow evening.',
  hours: 'What are your opening hours?',
  wait: 'Wait a moment, please, I need to change something.',
  uhHuh: 'Uh huh.',
} as const;
export type LineId = keyof typeof LINES;

/** What one test call left behind, on both sides. */
export interface WatchedRun {
  report: CallReport;
  record: CallRecord;
  /** Paths of the call machine in the order in which they were entered. */
  states: string[];
  turns: readonly Turn[];
}

/** After the last call nothing may be held. */
const NOTHING: InUse = {
  calls: 0,
  voiceActivityStreams: 0,
  queued: 0,
  inSlot: 0,
  streaming: 0,
  voiceContexts: 0,
};

export interface TestCaller<Line extends string = LineId> extends Caller {
  speak(line: Line): Promise<void>;
  /** Speaks, and waits until the answer has been said and the call listens again. */
  ask(line: Line): Promise<void>;
  /** Resolves when the server's call enters a state whose path begins so, from now on. */
  reaches(state: string): Promise<void>;
  /** Waits for the agent to begin and to finish. */
  agentAnswers(): Promise<void>;
}

const PATIENCE_MS = 20_000;
const AGENT_FINISHED_MS = 500;

type Recordings = Awaited<ReturnType<typeof recordLines>>;

export interface CallStageOptions<Line extends string> extends StageOptions {
  /** What callers say and the engine recognises. Default: `LINES`. */
  lines?: Readonly<Record<Line, string>>;
}

/** The real server with its simulators; calls are watched from inside. */
export class CallStage<Line extends string = LineId> {
  readonly stage: Stage;
  readonly #recordings: Recordings;
  readonly #watch: Watch;

  private constructor(stage: Stage, recordings: Recordings, watch: Watch) {
    this.stage = stage;
    this.#recordings = recordings;
    this.#watch = watch;
  }

  static async set<Line extends string = LineId>(
    options: CallStageOptions<Line> = {},
  ): Promise<CallStage<Line>> {
    const recordings = await recorded(options.lines ?? LINES);
    const watch = new Watch();
    const stage = await setStage({
      observer: watch,
      ...options,
      env: { RESTAURANT_GREETING: 'Hello, this is the restaurant.', ...options.env },
      cartesia: { voice: 'tone', realTimeFactor: 50, ...options.cartesia },
      ultravox: { recordings: [...recordings.values()], ...options.ultravox },
    });
    return new CallStage(stage, recordings, watch);
  }

  /** Sets a stage for one test; at its end nothing may be held, and the stage goes. */
  static async during<Line extends string = LineId>(
    options: CallStageOptions<Line>,
    run: (stage: CallStage<Line>) => Promise<void>,
  ): Promise<void> {
    const stage = await CallStage.set(options);
    try {
      await run(stage);
      await stage.assertAtRest();
    } finally {
      await stage.close();
    }
  }

  /** One call from ring to end. A script that fails makes this reject. */
  async call(
    script: (caller: TestCaller<Line>) => Promise<void>,
    options: Partial<Parameters<Stage['placeCall']>[0]> = {},
  ): Promise<WatchedRun> {
    const call = this.stage.placeCall({
      maxMs: 60_000,
      ...options,
      caller: (caller) => script(this.#testCaller(caller, () => call.callSid)),
    });
    const run = this.#watch.of(call.callSid);
    const report = await call.ended;
    if (report.scriptError) throw report.scriptError;
    const record = await run.ended.promise;
    return { report, record, states: run.states, turns: run.turns };
  }

  /** Asserts that the last call has left nothing behind. */
  async assertAtRest(): Promise<void> {
    assert.deepEqual(await this.#inUseAtRest(), NOTHING);
  }

  /** What is in use once the last transcripts have been written. */
  async #inUseAtRest(): Promise<InUse> {
    await this.stage.orchestrator.calls.settled();
    await this.stage.orchestrator.engine.queue.onIdle();
    return this.stage.orchestrator.inUse;
  }

  close(): Promise<void> {
    return this.stage.close();
  }

  #testCaller(caller: Caller, callSid: () => string): TestCaller<Line> {
    const speak = async (line: Line) => void (await caller.say(this.#recordings.get(line)!.mulaw));
    const reaches = (state: string) => this.#watch.of(callSid()).reaches(state);
    const own = {
      speak,
      reaches,
      ask: async (line: Line) => {
        await Promise.all([reaches('conversation.listening.waiting'), speak(line)]);
      },
      agentAnswers: async () => {
        await caller.agentSpeaking(PATIENCE_MS);
        await caller.agentSilent(AGENT_FINISHED_MS, PATIENCE_MS);
      },
    };
    return new Proxy(caller as TestCaller<Line>, {
      get(target, key) {
        if (key in own) return own[key as keyof typeof own];
        const value = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}

/** By what is said: stages of one file say the same, and a sentence is spoken once. */
const RECORDED = new Map<string, Promise<Recordings>>();

function recorded(lines: Readonly<Record<string, string>>): Promise<Recordings> {
  const key = JSON.stringify(lines);
  const recordings = RECORDED.get(key) ?? record(lines);
  RECORDED.set(key, recordings);
  return recordings;
}

async function record(lines: Readonly<Record<string, string>>): Promise<Recordings> {
  const voice = await EmbeddedVoice.start();
  try {
    const spoken = Object.entries(lines).map(([id, text]) => ({ id, says: [text] }));
    return await recordLines(voice, spoken);
  } finally {
    await voice.close();
  }
}

class Run {
  readonly states: string[] = [];
  readonly ended = Promise.withResolvers<CallRecord>();
  turns: readonly Turn[] = [];
  #waiting: { state: string; resolve(): void }[] = [];

  reaches(state: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(
      () => reject(new Error(`expected the call to reach ${state}, got ${this.states.join(' ')}`)),
      PATIENCE_MS,
    );
    this.#waiting.push({ state, resolve });
    return promise.finally(() => clearTimeout(timer));
  }

  enter(path: string): void {
    this.states.push(path);
    const reached = this.#waiting.filter(({ state }) => path.startsWith(state));
    this.#waiting = this.#waiting.filter((waiting) => !reached.includes(waiting));
    for (const { resolve } of reached) resolve();
  }
}

class Watch implements CallObserver {
  readonly #runs = new Map<string, Run>();

  of(callSid: string): Run {
    const run = this.#runs.get(callSid) ?? new Run();
    this.#runs.set(callSid, run);
    return run;
  }

  onState(call: Call, path: string): void {
    if (call.callSid) this.of(call.callSid).enter(path);
  }

  onEnded(call: Call, record: CallRecord): void {
    if (!record.callSid) return;
    const run = this.of(record.callSid);
    run.turns = call.conversation.turns;
    run.ended.resolve(record);
  }
}
