/** What the process holds, after a collection of what nothing refers to. */
export interface Memory {
  heapKb: number;
  /** Sound and sockets, outside of the heap. */
  buffersKb: number;
  rssKb: number;
}

/** Of what was collected only where Node was started with `--expose-gc`. */
export function weigh(): Memory {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapKb: heapUsed / 1024, buffersKb: external / 1024, rssKb: rss / 1024 };
}

/** What each of so many calls has added. */
export function perCall(before: Memory, now: Memory, calls: number): Memory {
  const each = (kind: keyof Memory) => (now[kind] - before[kind]) / calls;
  return { heapKb: each('heapKb'), buffersKb: each('buffersKb'), rssKb: each('rssKb') };
}
