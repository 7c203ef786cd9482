/** What stands in a label for whatever is not on its list. */
export const OTHER = 'other';

/** @returns what names a value in a label: itself if it is on the list, or `other` */
export function fixedLabel(allowed: readonly string[]): (value: string) => string {
  const known = new Set(allowed);
  return (value) => (known.has(value) ? value : OTHER);
}
