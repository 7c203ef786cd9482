import { type FuzzReport, GROWTH_LIMIT_BYTES } from './run-fuzz.ts';

const SHOWN_CHARACTERS = 4000;

/** Bytes that are held after the last tenth of the inputs and were not after the first. */
export function growthBytes({ heldBytes: [first, last] }: FuzzReport): number {
  return last - first;
}

export function reportText(
  what: string,
  report: FuzzReport,
  reached: ReadonlyMap<string, number>,
): string {
  const { inputs, cases, seconds, heldBytes, slowest } = report;
  const [first, last] = heldBytes.map((bytes) => (bytes / 2 ** 20).toFixed(1));
  const most = GROWTH_LIMIT_BYTES / 2 ** 20;
  const came = [...reached].toSorted(([, a], [, b]) => b - a);
  return [
    `${inputs} ${what} in ${cases} cases, ${seconds.toFixed(1)} s, ${(inputs / seconds).toFixed(0)}/s`,
    `  held ${first} MiB after a tenth, ${last} MiB at the end (at most ${most} MiB more)`,
    `  slowest case ${slowest.ms.toFixed(0)} ms (case ${slowest.case})`,
    `  came to ${came.map(([name, count]) => `${name} ${count}`).join(', ')}`,
  ].join('\n');
}

/** What is needed to see it again. */
export function failureText(name: string, { failure }: FuzzReport): string {
  if (!failure) return '';
  const inputs = JSON.stringify(failure.inputs);
  return [
    `FAILED at seed ${failure.seed}, case ${failure.case}: ${failure.error.stack}`,
    `  left of it: ${inputs.slice(0, SHOWN_CHARACTERS)}${inputs.length > SHOWN_CHARACTERS ? ' …' : ''}`,
    `  again with: npm run fuzz -- --${name} 1 --seed ${failure.seed} --only ${failure.case}`,
  ].join('\n');
}
