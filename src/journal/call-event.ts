/**
 * What is written down of a call beside its turns: the types of `call_events` and what each carries.
 * Moments (`...At`) are milliseconds since 1970 (UTC). Nothing here is anybody's words.
 */
export interface CallEventPayloads {
  /**
   * With what the call machine began; `limits` are its `CallLimits`. The first row of each life of a
   * call; `continued` is what the machine is told of the lives before.
   */
  'machine.started': {
    limits: Readonly<Record<string, number>>;
    personReachable: boolean;
    continued?: { cutOff: string; elapsedMs: number; turns: number };
  };
  /** The machine is in another state. */
  state: { path: string };
  /** What the machine told the agent: `command` is the `type` of an `AgentCommand`. */
  'agent.told': { command: string; clip?: string };
  /** What the machine told the ears: `to` is the turn mode of an `attend`. */
  'ears.told': { command: 'attend' | 'rest'; to?: string };
  'ears.windows': WindowsNote;
  /** The turn model's answer, 0 to 1, that the turn is over: it counts from the next window on. */
  'ears.believed': { complete: number };
  /** A key took part in the caller's turn; the `caller.*` event that it caused follows. */
  'ears.keyed': Record<string, never>;
  'turn.answered': Readonly<Record<string, number | string>>;
  'reply.ended': ReplyNote;
  'speculation.ended': SpeculationNote;
  'tool.ended': ToolNote;
  'playout.ended': PlayoutNote;
}

/** Voice activity as the ears judged it, all windows since the row before, under one turn mode. */
export interface WindowsNote {
  /** Position of the last window's end in the caller's audio, ms. */
  endMs: number;
  mode: string;
  expecting: string;
  /** Why the last window ended a turn; absent where it did not. */
  reason?: string;
  /** Text of `packWindows`: four bytes a window of 32 ms, two in older records. */
  windows: string;
}

/** One request to the engine and what became of it; moments that never came are null. */
export interface ReplyNote {
  priority: 'waiting' | 'speculative' | 'background';
  /** The model speaks of a tool's result. */
  ofResult: boolean;
  askedAt: number;
  startedAt: number | null;
  firstTokenAt: number | null;
  firstClauseAt: number | null;
  firstSoundAt: number | null;
  endedAt: number;
  how: 'completed' | 'cancelled' | 'failed';
}

/** What became of an answer that was asked for while the caller might still go on. */
export interface SpeculationNote {
  /** `used`: it was the answer. */
  how: 'used' | 'dropped';
  /** How long the engine worked on it for nothing, in its slot and writing, ms. */
  wastedMs: number;
}

export interface ToolNote {
  name: string;
  beganAt: number;
  endedAt: number;
  accepted: boolean;
}

/** One generation of sound: what was sent, and what came back of its marks. */
export interface PlayoutNote {
  generation: number;
  beganAt: number;
  endedAt: number;
  how: 'echoed' | 'overdue' | 'cleared';
  writtenMs: number;
  heardMs: number;
  /** Media messages: when each was sent, and its ms of sound. */
  sent: readonly (readonly [at: number, ms: number])[];
  /** Marks: the ms of sound before each, when it was sent, and when it came back. */
  marks: readonly (readonly [offsetMs: number, sentAt: number, echoedAt: number | null])[];
}

export type CallEventType = keyof CallEventPayloads;
