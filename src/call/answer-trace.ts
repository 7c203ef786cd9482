import type { ReplyNote, ToolNote } from '../journal/call-event.ts';

/** For the records: what became of each request to the engine, and of each tool. */
export interface AnswerTrace {
  replyEnded(note: ReplyNote): void;
  toolEnded(note: ToolNote): void;
}
