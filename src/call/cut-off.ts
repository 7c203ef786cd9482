/** What the stream before broke off, read from what was written down until then. */
import type { Continued, CutOff } from '../../machines/call-protocol.ts';
import type { Continuation } from '../journal/continuation.ts';
import type { TurnRow } from '../journal/schema.ts';

type Known = Pick<Continuation, 'path' | 'turns' | 'pending'>;

/** What the machine of this life is told of those before. */
export function continuedFrom(
  continuation: Known & Pick<Continuation, 'startedAt' | 'answers'>,
  now: number,
): Continued {
  return {
    cutOff: cutOffOf(continuation),
    // Of two computers' clocks one may be behind.
    elapsedMs: Math.max(0, now - continuation.startedAt),
    turns: continuation.answers,
  };
}

export function cutOffOf({ path, turns, pending }: Known): CutOff {
  const last = turns.at(-1)?.row;
  if (path.startsWith('handoff') || path === 'voicemail') return 'handoff';
  if (path.startsWith('conversation.listening.hearing')) return 'caller';
  // Its time was over, but a line that no longer played it had swallowed the rest.
  if (path === 'conversation.listening.waiting' && isCutAgent(last)) return 'agent';
  if (!AGENT_HAD_THE_FLOOR.test(path)) return 'nothing';
  if (pending) return 'answer';
  if (isTransfer(last)) return 'handoff';
  if (last?.speaker !== 'agent') return last ? 'answer' : 'nothing';
  if (last.cut) return 'agent';
  // The words that led to a tool were heard; what the tool did was not said.
  const awaited = path.startsWith('conversation.speaking') || path.includes('.consulting');
  // Otherwise the caller's turn was nothing that is kept: keys, or words into ours about moving on.
  return awaited ? 'answer' : 'caller';
}

/** Speaking, or about to, or interrupted by what may have been a cough, or by our own going. */
const AGENT_HAD_THE_FLOOR = /^conversation\.(thinking|speaking|bargeIn)\b|^movingOn$/;

/**
 * What of the agent's last words is said again: what was not heard of them, from the clause on that was
 * broken off.
 * @returns undefined: nothing, or so much that the model had better say it anew
 */
export function owedWords({ turns }: Pick<Continuation, 'turns'>): string | undefined {
  const last = turns.at(-1)?.row;
  if (last?.speaker !== 'agent' || !last.cut) return undefined;
  const heard = (last.text ?? '').split(/\s+/).filter(Boolean);
  const clauseEnd = heard.findLastIndex((word) => CLAUSE_END.test(word));
  const words = [...heard.slice(clauseEnd + 1), ...last.cut.split(/\s+/).filter(Boolean)];
  return words.length > MOST_OWED_WORDS ? undefined : words.join(' ');
}

const CLAUSE_END = /[,.;:!?…。，！？]["'”’)]*$/;
/** Some 20 s: nobody wants to hear more again. */
const MOST_OWED_WORDS = 60;

function isCutAgent(row: TurnRow | undefined): boolean {
  return row?.speaker === 'agent' && Boolean(row.cut);
}

function isTransfer(row: TurnRow | undefined): boolean {
  if (row?.speaker !== 'tool') return false;
  const { name, result } = JSON.parse(row.text ?? '{}') as { name?: string; result?: string };
  return name === 'transfer_to_staff' && result?.includes('"done":true') === true;
}
