/** The bytes that a request asks for of a file; both ends included, as HTTP counts. */
export type ByteRange = { start: number; end: number };

/**
 * Of HTTP's `Range`, the form with one range in bytes; any other asks for the whole file.
 * @returns `unsatisfiable` where the file has no such bytes
 */
export function byteRange(
  header: string | undefined,
  bytes: number,
): ByteRange | 'unsatisfiable' | undefined {
  const [match, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (!match || (!first && !last)) return undefined;
  const start = first ? Number(first) : Math.max(0, bytes - Number(last));
  const end = first && last ? Math.min(Number(last), bytes - 1) : bytes - 1;
  if (first && last && Number(last) < Number(first)) return undefined;
  return start <= end ? { start, end } : 'unsatisfiable';
}
