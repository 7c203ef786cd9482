import { percentile } from '../percentile.ts';
import { capacityText } from './capacity-text.ts';
import { type Point, samplesOf } from './point.ts';
import { variantName } from './variant.ts';

const SHARES = [0.5, 0.95, 0.99, 1];
const SHARE_NAMES = ['p50', 'p95', 'p99', 'max'];
const NAME_WIDTH = 30;
const NUMBER_WIDTH = 7;

/** What was measured at one point, in lines for people; ms unless said. */
export function pointText(point: Point): string {
  const { calls, load, server, after, variant } = point;
  const header = SHARE_NAMES.map((name) => name.padStart(NUMBER_WIDTH)).join('');
  const lines = [
    `${callsText(calls)}, ${variantName(variant)}`,
    ' '.repeat(NAME_WIDTH) + header,
    ...samplesOf(point).map(
      ([name, samples]) =>
        `  ${name.padEnd(NAME_WIDTH - 2)}${spread(samples)}   n ${samples.length}`,
    ),
    ...(server.capacity ? [capacityText(server.capacity, load)] : []),
    `  prepared answers           ${speculationText(point)}`,
    `  asked                      ${askedText(point)}`,
    `  failed ${load.failed.length}, outcomes ${JSON.stringify(server.outcomes)}`,
    `  left behind ${JSON.stringify(after.inUse)}`,
    `  resources ${JSON.stringify(after.resources)}, heap ${after.heapMb.toFixed(1)} MB`,
    ...[...new Set(load.failed)].map((problem) => `  failed: ${problem}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** The same number of calls under several variants, side by side. */
export function comparisonText(points: readonly Point[]): string {
  const [first] = points;
  if (!first) return '';
  const width = NUMBER_WIDTH * 2 + 3;
  const cell = (text: string) => text.padStart(width);
  const samples = points.map((point) => new Map(samplesOf(point)));
  const rows = samplesOf(first).map(([name]) => {
    const cells = samples.map((each) => cell(p50AndP95(each.get(name) ?? [])));
    return `  ${name.padEnd(NAME_WIDTH - 2)}${cells.join('')}`;
  });
  const line = (name: string, text: (point: Point) => string) =>
    `  ${name.padEnd(NAME_WIDTH - 2)}${points.map((point) => cell(text(point))).join('')}`;
  return [
    `${callsText(first.calls)}, p50 / p95`,
    line('speculation', ({ variant }) => variant.speculation),
    line('slot', ({ variant }) => variant.slot),
    ...rows,
    line('prepared: used, dropped', ({ server: { speculation } }) => {
      return `${speculation.used}, ${speculation.dropped}`;
    }),
    line('engine s for nothing', ({ server: { speculation } }) =>
      (speculation.wastedMs / 1000).toFixed(1),
    ),
    line('requests, left early', ({ asked }) => `${asked.requests}, ${asked.aborted}`),
    '',
  ].join('\n');
}

function callsText(calls: number): string {
  return `${calls} call${calls === 1 ? '' : 's'}`;
}

function speculationText({ server: { speculation, turns } }: Point): string {
  const { used, dropped, wastedMs } = speculation;
  return (
    `used ${used}, dropped ${dropped}, of ${turns.length} answers; ` +
    `engine ${(wastedMs / 1000).toFixed(1)} s for nothing`
  );
}

function askedText({ asked }: Point): string {
  const { requests, aborted, coldRequests, voiceConnections } = asked;
  return (
    `${requests} requests, ${aborted} left early, ${coldRequests} had to open a connection; ` +
    `${voiceConnections} new sockets to the voice`
  );
}

function spread(values: readonly number[]): string {
  return SHARES.map((share) => percentile(values, share).toFixed(0).padStart(NUMBER_WIDTH)).join(
    '',
  );
}

function p50AndP95(values: readonly number[]): string {
  return [0.5, 0.95].map((share) => percentile(values, share).toFixed(0)).join(' / ');
}
