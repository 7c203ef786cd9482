/** What must hold when the engine is asked, and when it is free again: whose turn it is in the line. */
import type { RequestKind } from './engine-request.ts';
import type { Phone } from './phone.ts';
import type { World } from './world.ts';

/** The engine is asked for an answer. @param index of the phone, where anything tells */
export function judgeAsking(world: World, kind: RequestKind, index: number | undefined): void {
  const { state } = world.phones[index ?? -1] ?? {};
  const mayAsk = state === PAUSED || state?.startsWith(THINKING);
  if (kind === 'answer' && state && !mayAsk) {
    world.violated('askedInTurn', `call ${index} asks for an answer in ${state}`);
  }
  const line = world.program?.engine.queue.entries ?? [];
  const isBackground = kind === 'transcript' || kind === 'summary';
  if (isBackground && line.some(({ stage, priority }) => stage === 'line' && priority === WAITING))
    world.violated('silenceFirst', `a ${kind} goes before a caller who waits`);
}

/** At any moment, and best when one could have waited for too long. */
export function judgeLine(world: World): void {
  for (const { stage, priority, sinceMs } of world.program?.engine.queue.entries ?? []) {
    if (stage !== 'line' || priority === 'background' || sinceMs <= DEADLINE_MS) continue;
    world.violated('servedInTime', `a ${priority} request stands in line for ${sinceMs} ms`);
  }
}

/** Somebody still works at what was asked for at this moment. */
export function judgeWork(world: World, who: string, phone: Phone, askedMs: number): void {
  const lateMs = world.time.nowMs - phone.gaveUpMs;
  if (askedMs >= phone.gaveUpMs || lateMs <= STOPS_MS) return;
  const detail = `${who} works for call ${phone.index} ${Math.round(lateMs)} ms after that gave up`;
  world.violated('nobodysWork', detail);
}

const PAUSED = 'conversation.listening.hearing.paused';
const THINKING = 'conversation.thinking';
const WAITING = 'waiting';
/** In which a request must come to the engine: as the program has it. */
export const DEADLINE_MS = 6000;
/** The word that it is given up is on its way for a millisecond or two. */
const STOPS_MS = 50;
