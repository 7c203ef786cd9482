import { z } from 'zod';
import type { CallInput, Continued } from '../../machines/call-protocol.ts';
import type { PlayoutNote, ReplyNote } from '../journal/call-event.ts';
import type { WholeCall } from '../journal/call-list.ts';
import { unpackWindows } from '../turns/packed-windows.ts';
import type { Expectation, TurnMode } from '../turns/turn-policy.ts';
import type { SpeechWindow } from '../turns/voice-activity.ts';
import type { MachineEvent, MachineOutput } from './machine-run.ts';

/** A call's events as they lie in the records, in the order of `seq`. */
export type RecordedEvents = WholeCall['events'];

/** Of one life of a call. */
export interface Journal {
  input: CallInput;
  /** Of its first row. */
  seq: number;
  /** The moment at which the machine's time begins, ms since 1970. */
  startedAt: number;
  rows: readonly JournalRow[];
}

export interface WindowsRow {
  kind: 'windows';
  endMs: number;
  mode: TurnMode;
  expecting: Expectation;
  windows: readonly SpeechWindow[];
}

export type JournalRow = {
  seq: number;
  /** ms since the machine began; never before the row before. */
  ms: number;
} & (
  | { kind: 'event'; event: MachineEvent }
  | { kind: 'output'; output: MachineOutput }
  | WindowsRow
  /** The turn model's answer: it counts from the next window on. */
  | { kind: 'believed'; complete: number }
  | { kind: 'keyed' }
  | { kind: 'reply'; note: Pick<ReplyNote, 'ofResult' | 'askedAt' | 'firstSoundAt'> }
  | { kind: 'playout'; note: Pick<PlayoutNote, 'beganAt' | 'endedAt' | 'writtenMs' | 'heardMs'> }
  | { kind: 'other' }
);

/** A row is not what is written down of a call; or there is nothing that a replay could begin with. */
export class JournalError extends Error {
  override name = 'JournalError';
  readonly kind: 'row' | 'noStart' | 'erased';

  constructor(kind: JournalError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A call that went on after its stream broke has a machine for each stream. @throws {JournalError} */
export function readLives(events: RecordedEvents): [Journal, ...Journal[]] {
  const later = events.flatMap(({ type }, at) => (at > 0 && type === STARTED_TYPE ? [at] : []));
  const life = (from: number, at: number) => readJournal(events.slice(from, later[at]));
  return [life(0, 0), ...later.map((from, at) => life(from, at + 1))];
}

/** @param events of one life. @throws {JournalError} */
export function readJournal(events: RecordedEvents): Journal {
  const [first, ...rest] = events;
  if (first?.type !== STARTED_TYPE) {
    throw new JournalError(
      'noStart',
      'expected a journal that begins with machine.started, got one without: the call was recorded without its limits',
    );
  }
  if (Object.keys(first.payload ?? {}).length === 0) {
    throw new JournalError(
      'erased',
      'expected a journal with what happened in the call, got one without: that is deleted RETENTION_WORDS_DAYS after a call, or with its caller',
    );
  }
  const { continued, ...input } = read(first, STARTED);
  const rows: JournalRow[] = [];
  let last = { seq: first.seq, ms: 0 };
  for (const event of rest) {
    if (event.seq <= last.seq) {
      throw new JournalError('row', `expected a row after ${last.seq}, got row ${event.seq}`);
    }
    // The clock on the wall may have been set back.
    last = { seq: event.seq, ms: Math.max(last.ms, event.at - first.at) };
    rows.push({ ...last, ...contentOf(event, continued) });
  }
  return { input, seq: first.seq, startedAt: first.at, rows };
}

/** Fires by itself, so that a replay is not told of it. */
export function isTimer(type: string): boolean {
  return type.startsWith('xstate.after.') || type.startsWith('limit.');
}

/** What the ears tell. A key for a person is the line's. */
export function isOfEars(type: string): boolean {
  return type.startsWith('caller.') && type !== 'caller.hungUp' && type !== 'caller.pressed';
}

const STARTED_TYPE = 'machine.started';

const ms = z.number().nonnegative();
const STARTED = z.object({
  limits: z.object({
    firstMessagesMs: ms,
    callMs: ms,
    inactivityMs: ms,
    idleMs: ms,
    reprompts: z.number(),
    turns: z.number(),
    callerTurnMs: ms,
    agentTurnMs: ms,
    fillerMs: ms,
    toolFillerMs: ms,
    apologyMs: ms,
    giveUpMs: ms,
    bargeInMs: ms,
    announcementMs: ms,
    failures: z.number(),
    // Without it, nobody could ask for a hand-over.
    handOverMs: ms.default(0),
  }),
  personReachable: z.boolean(),
  continued: z
    .object({
      cutOff: z.enum(['agent', 'answer', 'caller', 'handoff', 'nothing']),
      elapsedMs: ms,
      turns: z.number(),
    })
    .optional(),
}) satisfies z.ZodType<CallInput & { continued?: Continued | undefined }>;

const STATE = z.object({ path: z.string() });
const AGENT_TOLD = z.object({ command: z.string(), clip: z.string().optional() });
const EARS_TOLD = z.discriminatedUnion('command', [
  z.object({
    command: z.literal('attend'),
    to: z.enum(['listening', 'thinking', 'speaking', 'interrupted']),
  }),
  z.object({ command: z.literal('rest') }),
]);
const WINDOWS = z.object({
  endMs: ms,
  mode: z.enum(['listening', 'thinking', 'speaking', 'interrupted']),
  expecting: z.enum(['open', 'yesNo', 'number', 'name']),
  windows: z.string(),
});
const BELIEVED = z.object({ complete: z.number().min(0).max(1) });
const REPLY = z.object({
  ofResult: z.boolean(),
  askedAt: z.number(),
  firstSoundAt: z.number().nullable(),
});
const PLAYOUT = z.object({
  beganAt: z.number(),
  endedAt: z.number(),
  writtenMs: ms,
  heardMs: ms,
});
const MACHINE_EVENT = z.object({
  digit: z.string().optional(),
  destination: z.string().optional(),
});

type Content = JournalRow extends infer Row
  ? Row extends JournalRow
    ? Omit<Row, 'seq' | 'ms'>
    : never
  : never;
type Recorded = RecordedEvents[number];

/** By its type. What is none of ours is an event that the machine was told. */
function contentOf(row: Recorded, continued: Continued | undefined): Content {
  const read = READERS[row.type];
  if (read) return read(row);
  const isStart = row.type === 'line.started' && continued;
  const event = { type: row.type, ...payload(row), ...(isStart && { continued }) };
  return { kind: 'event', event };
}

const READERS: Record<string, (row: Recorded) => Content> = {
  state: (row) => ({ kind: 'output', output: { type: 'state', what: read(row, STATE).path } }),
  'agent.told': (row) => {
    const { command, clip } = read(row, AGENT_TOLD);
    const what = clip === undefined ? command : `${command} ${clip}`;
    return { kind: 'output', output: { type: 'agent.told', what } };
  },
  'ears.told': (row) => {
    const told = read(row, EARS_TOLD);
    const what = told.command === 'attend' ? `attend ${told.to}` : told.command;
    return { kind: 'output', output: { type: 'ears.told', what } };
  },
  'ears.windows': (row) => {
    const { windows, ...note } = read(row, WINDOWS);
    return { kind: 'windows', ...note, windows: unpacked(row, windows, note.endMs) };
  },
  'ears.believed': (row) => ({ kind: 'believed', ...read(row, BELIEVED) }),
  'ears.keyed': () => ({ kind: 'keyed' }),
  'reply.ended': (row) => ({ kind: 'reply', note: read(row, REPLY) }),
  'playout.ended': (row) => ({ kind: 'playout', note: read(row, PLAYOUT) }),
  'turn.answered': () => ({ kind: 'other' }),
  'tool.ended': () => ({ kind: 'other' }),
  'speculation.ended': () => ({ kind: 'other' }),
  // What the machine does by itself when it begins.
  'xstate.init': () => ({ kind: 'other' }),
};

function payload(row: Recorded): z.infer<typeof MACHINE_EVENT> {
  return read(row, MACHINE_EVENT);
}

function read<Schema extends z.ZodType>(row: Recorded, schema: Schema): z.infer<Schema> {
  const result = schema.safeParse(row.payload);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = [row.type, ...(issue?.path ?? [])].join('.');
  throw new JournalError('row', `row ${row.seq}, ${field}: ${issue?.message}`);
}

function unpacked(row: Recorded, windows: string, endMs: number): SpeechWindow[] {
  try {
    return unpackWindows(windows, endMs);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new JournalError('row', `row ${row.seq}, ears.windows.windows: ${error.message}`);
  }
}
