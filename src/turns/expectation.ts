/** What the agent has just asked for, guessed from its words. It sets how long a silence ends a turn. */
import type { Expectation } from './turn-policy.ts';

/**
 * Looks at the last question, or at the last sentence where nothing is asked. Knows English; in any
 * other language, and in doubt, the answer is `open`, which is safe: neither slow nor hasty.
 */
export function expectationOf(agentText: string): Expectation {
  const asked = lastRequest(agentText);
  if (asked === '') return 'open';
  if (CONFIRMATION.test(asked) && !ALTERNATIVE.test(asked)) return 'yesNo';
  if (NUMBER.test(asked) && REQUEST.test(asked)) return 'number';
  if (SPELLING.test(asked) || (NAME.test(asked) && REQUEST.test(asked))) return 'name';
  if (YES_NO.test(asked) && !OPEN_ENDED.test(asked)) return 'yesNo';
  return 'open';
}

/** Lower case, without the full stop. A trailing "please" or "thank you" is not the request. */
function lastRequest(agentText: string): string {
  const sentences = agentText
    .slice(-MAX_CHARACTERS)
    .toLowerCase()
    .replaceAll('’', "'")
    .split(/(?<=[.?!…])\s+/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /\p{L}/u.test(sentence) && !COURTESY.test(sentence));
  return sentences.findLast((sentence) => sentence.includes('?')) ?? sentences.at(-1) ?? '';
}

/** The request comes last, and a model that runs wild must not cost us time. */
const MAX_CHARACTERS = 300;

const COURTESY = /^(please|thank you|thanks|take your time|no rush)\b[^?]{0,30}$/u;

/** "Is that right?", "Four people, correct?": what is confirmed may well contain a name or number. */
const CONFIRMATION =
  /\b(is (that|this|it) (right|correct|okay|all right|fine)|(right|correct|okay|isn't it)\?)|\bdid i (get|hear|understand)\b|^(so |and |okay,? |great,? )*(is|was) (that|this|it|your)\b/u;

/** "Inside or outside?" wants one of two, and often a reason. */
const ALTERNATIVE = /\bor\b/u;

/** Digits that people say in groups. "How many?" is one word, and waits like an open question. */
const NUMBER =
  /\b((phone|telephone|mobile|cell|contact|callback|call-back|card|account|reservation|booking|confirmation|order|reference) (number|code)|number|digits|post ?code|zip( code)?|area code)\b/u;

const NAME = /\b(names?|surname|e-?mail( address)?|address|who)\b/u;
const SPELLING = /\bspell(ed|ing)?\b/u;

/** Asks for the thing, rather than speaking of it: "your name, please", "may I have a number". */
const REQUEST =
  /\b(what|what's|which|who|who's|whose|may i|can i|could i|might i|can you|could you|would you|will you|please|give me|tell me|say|repeat|need|let me have|under)\b|^(and )?(your|a|the)\b[^?]*\?/u;

const YES_NO =
  /(^|[,;:–—] ?)(so |and |but |or |okay,? |great,? |perfect,? |then )*(is|are|am|was|were|do|does|did|don't|can|could|will|would|shall|should|have|has|had|may|isn't|aren't|won't|wouldn't|shouldn't)\b[^?]*\?/u;

/** Begins like a yes-no question, but an answer of one word would not do. */
const OPEN_ENDED =
  /\b(or|what|when|where|which|how|why|who|tell me|describe|anything|something|anybody|anyone|help you|assist you)\b/u;
