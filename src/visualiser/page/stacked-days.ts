/** Counts put one upon the other. Pure. */

export interface StackPart<Name extends string> {
  name: Name;
  from: number;
  to: number;
}

/** The first name stands at the bottom; names of which there are none have no part. */
export function stackOf<Name extends string>(
  counts: Readonly<Record<Name, number>>,
  names: readonly Name[],
): StackPart<Name>[] {
  const parts: StackPart<Name>[] = [];
  let height = 0;
  for (const name of names) {
    if (counts[name] <= 0) continue;
    parts.push({ name, from: height, to: height + counts[name] });
    height += counts[name];
  }
  return parts;
}
