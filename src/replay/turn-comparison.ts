import { type CallLife, type TurnFigure, turnsOf } from './call-life.ts';

/** The same end of speech in both lives; undefined: no turn ended there. */
export interface TurnPair {
  recorded: TurnFigure | undefined;
  replayed: TurnFigure | undefined;
}

export interface LifeComparison {
  turns: readonly TurnPair[];
  cutIns: { recorded: number; replayed: number };
  /** Null: none within what is known of the call. */
  outcome: { recorded: string | null; replayed: string | null };
}

/** Two windows: as near as an end of speech is to itself, judged by other thresholds. */
const SAME_MS = 64;

/** Turn by turn, by where in the caller's sound they end; turns of keys in their order. */
export function compareLives(recorded: CallLife, replayed: CallLife): LifeComparison {
  const before = turnsOf(recorded);
  const after = turnsOf(replayed).map((turn) => ({
    ...turn,
    isCutIn: turn.isCutIn || before.some((whole) => cutsInto(turn, whole)),
  }));
  return {
    turns: [...spokenPairs(before, after), ...keyPairs(before, after)],
    cutIns: { recorded: cutIns(before), replayed: cutIns(after) },
    outcome: { recorded: recorded.outcome, replayed: replayed.outcome },
  };
}

/** It ends where the recorded turn only paused. */
function cutsInto({ speechEndMs }: TurnFigure, whole: TurnFigure): boolean {
  if (speechEndMs === undefined || whole.speechEndMs === undefined) return false;
  const beginsMs = whole.onsetMs ?? whole.speechEndMs;
  return speechEndMs > beginsMs && speechEndMs < whole.speechEndMs - SAME_MS;
}

function cutIns(turns: readonly TurnFigure[]): number {
  return turns.filter(({ isCutIn }) => isCutIn).length;
}

function spokenPairs(before: readonly TurnFigure[], after: readonly TurnFigure[]): TurnPair[] {
  const left = new Set(after.filter(({ speechEndMs }) => speechEndMs !== undefined));
  const pairs: TurnPair[] = before
    .filter(({ speechEndMs }) => speechEndMs !== undefined)
    .map((recorded) => {
      const replayed = [...left].find((turn) => isSame(turn, recorded));
      if (replayed) left.delete(replayed);
      return { recorded, replayed };
    });
  pairs.push(...[...left].map((replayed) => ({ recorded: undefined, replayed })));
  return pairs.sort((a, b) => endOf(a) - endOf(b));
}

function keyPairs(before: readonly TurnFigure[], after: readonly TurnFigure[]): TurnPair[] {
  const ofKeys = (turns: readonly TurnFigure[]) =>
    turns.filter(({ speechEndMs }) => speechEndMs === undefined);
  const [recorded, replayed] = [ofKeys(before), ofKeys(after)];
  const count = Math.max(recorded.length, replayed.length);
  return Array.from({ length: count }, (_, i) => ({
    recorded: recorded[i],
    replayed: replayed[i],
  }));
}

function isSame(a: TurnFigure, b: TurnFigure): boolean {
  return Math.abs((a.speechEndMs ?? 0) - (b.speechEndMs ?? 0)) <= SAME_MS;
}

function endOf({ recorded, replayed }: TurnPair): number {
  return recorded?.speechEndMs ?? replayed?.speechEndMs ?? 0;
}
