import { EarsReplay, type HeardEvent } from './ears-replay.ts';
import type { Journal } from './journal.ts';
import type { MachineEvent } from './machine-run.ts';

/** One event that the call machine was told, with what was heard where the ears told it. */
export interface LifeEvent {
  /** since the machine began */
  ms: number;
  event: MachineEvent;
  /** Undefined: it came from elsewhere, or a key caused it. */
  heard: HeardEvent | undefined;
}

/** A call as the sequence of what its machine was told, recorded or run again. */
export interface CallLife {
  events: readonly LifeEvent[];
  /** Null: it has none, or ends after what is known of it. */
  outcome: string | null;
}

/** @param outcome as the call's record has it */
export function recordedLife(journal: Journal, outcome: string | null): CallLife {
  const ears = new EarsReplay();
  const events = journal.rows.flatMap((row): LifeEvent[] => {
    ears.push(row);
    return row.kind === 'event' ? [{ ms: row.ms, event: row.event, heard: ears.heard }] : [];
  });
  return { events, outcome };
}

export interface TurnFigure {
  /** Positions in the caller's sound; undefined for a turn of keys. */
  onsetMs: number | undefined;
  speechEndMs: number | undefined;
  /** From the last sound to the decision that the turn is over; undefined for a turn of keys. */
  endpointMs: number | undefined;
  /** From the last sound, or the last key's decision, to the first of the answer; undefined: none came. */
  responseMs: number | undefined;
  /** The caller went on before the answer was heard. */
  isCutIn: boolean;
}

/** The turns of the caller that were declared finished, in order. */
export function turnsOf({ events }: CallLife): TurnFigure[] {
  const turns: TurnFigure[] = [];
  let open: { turn: TurnFigure; speechEndedMs: number } | undefined;
  let onsetMs: number | undefined;
  for (const { ms, event, heard } of events) {
    if (heard?.turn.type === 'spoke') onsetMs = heard.turn.onsetMs;
    if (event.type === 'caller.spoke' && open) open.turn.isCutIn = true;
    if (event.type === 'agent.audible' && open) open.turn.responseMs = ms - open.speechEndedMs;
    if (event.type === 'caller.spoke' || AGENT_SAID.has(event.type)) open = undefined;
    if (event.type !== 'caller.finished') continue;
    const turn = finishedTurn(heard, onsetMs);
    open = { turn, speechEndedMs: ms - (turn.endpointMs ?? 0) };
    turns.push(turn);
  }
  return turns;
}

/** The caller waits no more: something is heard, if only that there is no answer. */
const AGENT_SAID: ReadonlySet<string> = new Set([
  'agent.audible',
  'agent.finished',
  'agent.failed',
  'agent.transferred',
  'agent.concluded',
]);

function finishedTurn(heard: HeardEvent | undefined, onsetMs: number | undefined): TurnFigure {
  const none = { responseMs: undefined, isCutIn: false };
  if (heard?.turn.type !== 'finished') {
    return { ...none, onsetMs: undefined, speechEndMs: undefined, endpointMs: undefined };
  }
  const { speechEndMs } = heard.turn;
  return { ...none, onsetMs, speechEndMs, endpointMs: heard.endMs - speechEndMs };
}
