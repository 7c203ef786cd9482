/** From a language model's stream of text to pieces that a voice can speak well, as early as it can. */
import { endsSentence } from './sentence-end.ts';

/**
 * The first piece is short, because a caller waits for it: it ends at the first clause, before a word
 * that opens a phrase, or after some 24 characters at a word. Then whole sentences follow. Pieces carry their spaces; decisions
 * are made when a word is complete, so they do not depend on how the text was cut into deltas.
 *
 * What must not be spoken does not come out: markup, links, emoji. From the first sign of a tool
 * call or of JSON on, nothing comes out at all, and `leaked` says so.
 */
export class ClauseSplitter {
  #pending = '';
  #isFirst = true;
  #leaked = false;

  get leaked(): boolean {
    return this.#leaked;
  }

  /** The pieces that the delta completed, in order; most deltas complete none. */
  push(delta: string): string[] {
    const pieces: string[] = [];
    for (const character of delta) {
      if (this.#leaked) break;
      this.#pending += character;
      const leakAt = leakStart(this.#pending);
      if (leakAt >= 0) {
        this.#leaked = true;
        this.#pending = this.#pending.slice(0, leakAt);
      } else if (this.#isPiece(character)) pieces.push(...this.#take());
      else if (this.#isFirst && character === ' ') pieces.push(...this.#takeFirstPhrase());
    }
    return pieces;
  }

  /** What is left when the model has ended; the splitter is then ready for another reply's text. */
  flush(): string[] {
    // A tag that was never closed, or a call that was just beginning.
    this.#pending = this.#pending.replace(OPEN_TAG, '').replace(/<\S*$/, '');
    const pieces = this.#take();
    this.#isFirst = true;
    return pieces;
  }

  #isPiece(last: string): boolean {
    if (!/[\s。！？]/.test(last) || OPEN_TAG.test(this.#pending)) return false;
    const text = this.#pending.replace(/[*`_]/g, '').trim();
    if (!SPEAKABLE.test(text)) return false;
    if (/[\n。！？]/.test(last) || endsSentence(text)) return true;
    const endsClause = CLAUSE_END.test(text);
    if (!this.#isFirst) {
      return text.length >= (endsClause ? LONG_CHARACTERS : LONGEST_CHARACTERS);
    }
    if (endsClause) return text.length >= SHORTEST_CHARACTERS;
    const enough = LEANING_WORD.test(text) ? FIRST_LONGEST_CHARACTERS : FIRST_CHARACTERS;
    return text.length >= enough;
  }

  /** What stands before a word that opens the next phrase: a voice may well pause there. */
  #takeFirstPhrase(): string[] {
    const opener = PHRASE_OPENER.exec(this.#pending)?.[1];
    if (opener === undefined || OPEN_TAG.test(this.#pending)) return [];
    const phrase = this.#pending.slice(0, -opener.length);
    if (phrase.trim().length < PHRASE_CHARACTERS || LEANING_WORD.test(phrase.trim())) return [];
    this.#pending = phrase;
    const pieces = this.#take();
    this.#pending = opener;
    return pieces;
  }

  #take(): string[] {
    const piece = speakable(this.#pending);
    this.#pending = '';
    if (!SPEAKABLE.test(piece)) return [];
    this.#isFirst = false;
    return [piece];
  }
}

const SPEAKABLE = /[\p{L}\p{N}]/u;
const CLAUSE_END = /(?:[,;:—–]|\s-)["')]*$/;
/** "Oh," alone is too short to be spoken well. */
const SHORTEST_CHARACTERS = 4;
/** About four tokens, and a second of speech. */
const PHRASE_CHARACTERS = 14;
/** About six tokens: 80 ms of writing at 75 tokens a second, and 1.5 s of speech. */
const FIRST_CHARACTERS = 24;
const FIRST_LONGEST_CHARACTERS = 60;
/** A sentence that goes on for longer than 8 s is cut at a clause; for longer than 14 s, anywhere. */
const LONG_CHARACTERS = 120;
const LONGEST_CHARACTERS = 200;
/** Words that lean on the next one, and half-read numbers: a voice would fall at them. */
const LEANING_WORD = new RegExp(
  `(?:^|\\s)(?:${[
    'a|an|the|of|to|at|in|on|for|by|with|from|and|or|but|as|than|until|if',
    'is|are|was|were|be|been|am|will|would|can|could|may|must|shall|should|do|does|did|have|has|had',
    "\\S+n't|i|we|they|not|your|our|my|their|his|her|this|that|these|those|so|very|too|no|any|some",
    'what|which|how|many|much|st\\.|dr\\.|mrs?\\.|ms\\.|half|quarter|past',
    'one|two|three|four|five|six|seven|eight|nine|ten|(?:twen|thir|for|fif|six|seven|eigh|nine)ty',
    '\\S*\\d\\S*',
  ].join('|')})$`,
  'i',
);
const PHRASE_OPENER =
  / ((?:to|for|at|on|in|with|without|until|from|and|or|but|because|if|when|that|which|who) )$/i;

/** Signs of a tool call that the server's parser did not catch; each is met at its last character. */
const LEAKS: readonly RegExp[] = [
  /\[?\s*\{$/,
  /<\s*\|$/,
  /```$/,
  /<\/?(?:tool|function|python|invoke)$/i,
  /\[TOOL$/i,
  // No spoken word is written like_this.
  /\[?[A-Za-z0-9]+_[A-Za-z]$/,
  // A tag that does not end, or in which another begins.
  /<[/!?A-Za-z](?:[^<>]{80}|[^<>]*<)$/,
];

/** Signs of data in what would be spoken: book(party=  transfer("  "name": */
const DATA = /\(\s*\w+\s*=$|\w\(["']$|"\w+"\s?:$/;
/** Belongs into a tag, and nowhere else. */
const ATTRIBUTE = /[A-Za-z]\w*=["']$/;

/** Where the leak begins that the text's last character gives away, or -1. */
function leakStart(text: string): number {
  // Nobody speaks so long without a stop or a space: whatever this is, it is not a reply.
  if (text.length > MAX_PENDING_CHARACTERS) return 0;
  const from = Math.max(0, text.length - LEAK_WINDOW_CHARACTERS);
  const tail = text.slice(from);
  for (const leak of LEAKS) {
    const at = tail.search(leak);
    if (at >= 0) return from + at;
  }
  if (!/[=:"']$/.test(tail)) return -1;
  const spoken = speakable(tail);
  const isData = DATA.test(spoken) || (ATTRIBUTE.test(spoken) && !OPEN_TAG.test(tail));
  return isData ? text.search(/\S+$/) : -1;
}

/** It is held back until it ends, and then left out. */
const OPEN_TAG = /<[/!?A-Za-z][^<>]*$/;

const MAX_PENDING_CHARACTERS = 600;
const LEAK_WINDOW_CHARACTERS = 100;

function speakable(text: string): string {
  return (
    text
      .replace(/\[([^\]]*)\]\([^)\s]*\)/g, '$1')
      .replace(/\]\([^)\s]*\)/g, '')
      .replace(/<[/!?A-Za-z][^<>]*>/g, ' ')
      .replace(/^\s*(?:[-•]|#+)\s+/, '')
      .replace(MARKUP, '')
      .replace(EMOJI, '')
      .replace(/[\s\p{C}]+/gu, ' ')
      // Last, for markup may have stood in it.
      .replace(LINK, '')
      .trimStart()
  );
}

const MARKUP = /[*`#~^|\\[\]<>{}_]/g;
/** Without the stop that follows it. */
const LINK = /(?:[\w+.-]*:\/\/|\bwww\.)(?:\S*[^\s.,;:!?)])?/gi;
/** Pictures, and what colours and joins them. Digits are emoji too in Unicode's eyes, and stay. */
const EMOJI =
  /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u{200d}|\u{20e3}|\u{fe0f}/gu;
