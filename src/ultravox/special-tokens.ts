/** Text that the model or the engine would take for control, not for words. */

/**
 * Removes tokens such as `<|audio|>` and `<|eot_id|>`: vLLM counts the first as an audio
 * placeholder, the second would end a turn.
 */
export function withoutSpecialTokens(text: string): string {
  let clean = text;
  let before: string;
  // Removing one may join the halves of another: `<|au<|x|>dio|>`.
  do {
    before = clean;
    clean = clean.replace(SPECIAL_TOKEN, '');
  } while (clean !== before);
  return clean;
}

const SPECIAL_TOKEN = /<\|[^<>|]{0,64}\|>/g;
