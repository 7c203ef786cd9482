/**
 * The least of a failing case's inputs that still fails in the same way: pieces are left out, large ones
 * first, for as long as that goes on.
 */
export async function shrinkInputs<Input>(
  inputs: readonly Input[],
  failsAlike: (fewer: readonly Input[]) => Promise<boolean>,
  tries = 150,
): Promise<readonly Input[]> {
  let kept = inputs;
  let left = tries;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < kept.length && left > 0; ) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
      left -= 1;
      if (fewer.length > 0 && (await failsAlike(fewer))) kept = fewer;
      else at += size;
    }
  }
  return kept;
}
