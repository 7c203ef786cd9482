/** The word that was probably meant: few letters are wrong, or its end is missing; undefined: none. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const typed = word.slice(0, LONGEST).toLowerCase();
  const [best] = known
    .map((candidate) => ({ candidate, edits: mistakes(typed, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((one, other) => one.edits - other.edits);
  return best?.candidate;
}

const LONGEST = 64;

function mistakes(typed: string, word: string): number {
  const isBeginning = typed.length >= 3 && word.startsWith(typed);
  return isBeginning ? 1 : editsBetween(typed, word);
}

/** Levenshtein's distance: letters added, left out or replaced. */
function editsBetween(from: string, to: string): number {
  let above = Array.from({ length: [...to].length + 1 }, (_, index) => index);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    above = current;
  }
  return above.at(-1) ?? 0;
}
