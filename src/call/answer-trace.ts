import type { ReplyNote, SpeculationNote, ToolNote } from '../journal/call-event.ts';

/** For the records: what became of each request to the engine, of each prepared one, and of each tool. */
export interface AnswerTrace {
  replyEnded(note: ReplyNote): void;
  toolEnded(note: ToolNote): void;
  speculationEnded(note: SpeculationNote): void;
}
