import type { LoadFigures } from './load.ts';
import type { LoopFigures } from './loop-watch.ts';
import type { CapacityFigures } from './server-process.ts';

/** What the calls cost and how true to time they were, in lines for people. */
export function capacityText(
  { loop, sound, cpuShare, cpuMsPerCallSecond, calls, perCall }: CapacityFigures,
  load: Pick<LoadFigures, 'gaps' | 'loop'>,
): string {
  const { messages, late, messagesTooLate, gaps, longestGapMs } = sound;
  const { heapKb, buffersKb, rssKb } = perCall;
  const longestHeardMs = Math.max(0, ...load.gaps);
  return [
    `event loop delay           ${loopText(loop)}`,
    `  of the load's process    ${loopText(load.loop)}`,
    `sound sent late            p99 ${late.p99.toFixed(1)}  max ${late.max.toFixed(1)}  ` +
      `above 40 ms ${messagesTooLate} of ${messages}`,
    `gaps in the sound          sent ${gaps}, longest ${longestGapMs.toFixed(0)}  ` +
      `heard ${load.gaps.length}, longest ${longestHeardMs.toFixed(0)}`,
    `CPU ${percent(cpuShare)} of a core, ${cpuMsPerCallSecond.toFixed(1)} ms for a second of a call`,
    `memory per call            heap ${heapKb.toFixed(0)} KB, buffers ${buffersKb.toFixed(0)} KB, ` +
      `resident ${rssKb.toFixed(0)} KB  (${calls} live)`,
  ]
    .map((line) => `  ${line}`)
    .join('\n');
}

function loopText({ p50, p99, max, own, cpuShare, waitShare }: LoopFigures): string {
  const all = `p50 ${p50.toFixed(1)}  p99 ${p99.toFixed(1)}  max ${max.toFixed(1)}`;
  if (!own || cpuShare === undefined || waitShare === undefined) return all;
  return (
    `${all}  with a core at hand p99 ${own.p99.toFixed(1)}  max ${own.max.toFixed(1)}  ` +
    `(ran ${percent(cpuShare)}, waited for a core ${percent(waitShare)})`
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
