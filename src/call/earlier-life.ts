/** What this life of a call knows of those before it. */
import type { Logger } from 'pino';
import type { Continued } from '../../machines/call-protocol.ts';
import type { Continuation, ContinuedTurn } from '../journal/continuation.ts';
import type { StreamStart } from '../twilio/media-stream.ts';
import type { Turn } from '../ultravox/conversation.ts';
import type { CallServices } from './call-services.ts';
import { continuedFrom } from './cut-off.ts';

export interface EarlierLife extends Continuation {
  /** What the machine is told of it. */
  continued: Continued;
}

/** The caller hears nothing meanwhile. */
const KNOWN_WITHIN_MS = 1000;

/** Of the life that begins with this stream; 0 for a call's first. */
export function epochOf({ customParameters }: StreamStart): number {
  const epoch = Number(customParameters.get('epoch') ?? 0);
  return Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 0;
}

/**
 * Undefined for a call's first life. Where it cannot be known in time, a life begins that knows nothing:
 * the caller is better off with that than with a line that is dead. Never rejects.
 */
export async function earlierLife(
  start: StreamStart,
  { continuation }: Pick<CallServices, 'continuation'>,
  log: Pick<Logger, 'warn'>,
): Promise<EarlierLife | undefined> {
  const epoch = epochOf(start);
  if (epoch === 0) return undefined;
  const { callSid } = start;
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), KNOWN_WITHIN_MS);
  let known: Continuation | undefined;
  let kind = 'unknown';
  try {
    known = await Promise.race([continuation?.(callSid, epoch), late.promise]);
  } catch (error) {
    kind = (error as Error).name;
  } finally {
    clearTimeout(timer);
  }
  if (!known) log.warn({ callSid, epoch, kind }, 'call continues with nothing known');
  const before = known ?? unknownLife(epoch);
  return { ...before, continued: continuedFrom(before, Date.now()) };
}

/** Its rows come after whatever an earlier life has written. */
function unknownLife(epoch: number): Continuation {
  return {
    epoch,
    startedAt: Date.now(),
    language: null,
    turns: [],
    answers: 0,
    counted: [],
    deadAirMs: 0,
    path: 'connecting',
    nextSeq: epoch * 100_000,
    nextTurn: epoch * 1000,
  };
}

/** The turns of the lives before, as the conversation holds them. */
export function earlierTurns({ turns }: Pick<Continuation, 'turns'>) {
  return turns.map((each) => ({ index: each.row.turn, turn: turnOf(each) }));
}

function turnOf({ row, mulaw }: ContinuedTurn): Turn {
  const text = row.text ?? '';
  if (row.speaker === 'agent') return { speaker: 'agent', text, ...(row.cut && { cut: row.cut }) };
  if (row.speaker === 'tool') return toolTurn(row.turn, text);
  const turn = { speaker: 'caller', id: crypto.randomUUID() } as const;
  return mulaw && row.text === null ? { ...turn, mulaw } : { ...turn, transcript: text };
}

/** As it was written down: numbers are masked in it, and the model is told so much. */
function toolTurn(index: number, text: string): Turn {
  const row = JSON.parse(text) as { name: string; arguments: string; result: string };
  const { name, arguments: argumentsJson, result } = row;
  return { speaker: 'tool', id: `call-${index}`, name, argumentsJson, result };
}
