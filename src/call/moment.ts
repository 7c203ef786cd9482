/**
 * A moment of the process's own clock as milliseconds since 1970, for the records. The two clocks are
 * compared anew each time: the one on the wall may be set while the process runs.
 * @param at performance.now() of it; undefined: it has not come
 */
export function momentOf(at: number): number;
export function momentOf(at: number | undefined): number | null;
export function momentOf(at: number | undefined): number | null {
  return at === undefined ? null : Math.round(Date.now() - (performance.now() - at));
}
