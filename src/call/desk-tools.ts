import type { Desk } from '../restaurant/desk.ts';
import type { Conversation } from '../ultravox/conversation.ts';
import type { Tools } from './tool-work.ts';

/** The desk's tools as this call uses them: the desk counts turns by what the caller has said until now. */
export function deskTools(
  desk: Desk,
  descriptions: Tools['descriptions'],
  conversation: Conversation,
): Tools {
  const turn = () => conversation.turns.filter(({ speaker }) => speaker === 'caller').length;
  return { descriptions, run: (call) => desk.run(call, { turn: turn() }) };
}
