/** The turns of a call with all that a transcript shows of them. Pure. */
import type { TurnJson, WholeCallJson } from './call-json.ts';
import type { Timeline } from './timeline.ts';
import { unheardMs } from './turn-spans.ts';
import type { TimeRange } from './zoom.ts';

export interface TranscriptTurn {
  turn: TurnJson;
  /** When it was said; undefined where nothing tells. */
  span: TimeRange | undefined;
  /** When it became history, ms from the call's beginning. */
  historyMs: number;
  /** How much of the agent's sound was cut. */
  unheardMs: number;
}

export function transcriptTurns(
  { conversation }: Pick<WholeCallJson, 'conversation'>,
  { startedAt, turns, playouts }: Pick<Timeline, 'startedAt' | 'turns' | 'playouts'>,
): TranscriptTurn[] {
  return conversation.map((turn, i) => {
    const span = turns[i];
    return {
      turn,
      span,
      historyMs: Date.parse(turn.at) - startedAt,
      unheardMs: turn.speaker === 'agent' ? unheardMs(playouts, span) : 0,
    };
  });
}
