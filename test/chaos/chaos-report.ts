/** What a chaos run shows: how far it is, and a table at its end. */
import type { Summary, Tally } from './tally.ts';

const BAR = 24;
const REDRAW_MS = 200;
const LINE_MS = 10_000;

/** A bar where somebody looks, a line now and then where nobody does. */
export class Progress {
  readonly #isTerminal = process.stderr.isTTY === true;
  readonly #startMs = performance.now();
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param expected runs; 0: nobody knows */
  show({ promised, runs, continued }: Tally, expected: number): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastMs < (this.#isTerminal ? REDRAW_MS : LINE_MS)) return;
    this.#lastMs = nowMs;
    const seconds = ((nowMs - this.#startMs) / 1000).toFixed(0);
    const of = expected > 0 ? `/${expected}` : '';
    const figures = `${promised.title}: ${runs}${of} runs, ${continued} went on, ${seconds} s`;
    if (!this.#isTerminal) return void process.stderr.write(`${figures}\n`);
    const share = expected > 0 ? Math.min(1, runs / expected) : 0;
    const bar = '█'.repeat(Math.round(share * BAR)).padEnd(BAR, '░');
    process.stderr.write(`\r\u001b[K${bar}  ${figures}`);
  }

  end(): void {
    if (this.#isTerminal) process.stderr.write('\r\u001b[K');
  }
}

const COLUMNS: readonly [title: string, width: number, of: (summary: Summary) => unknown][] = [
  ['runs', 6, ({ runs }) => runs],
  ['went on', 9, ({ continued }) => continued],
  ['silence p50', 13, ({ silence }) => inMs(silence.p50)],
  ['p95', 8, ({ silence }) => inMs(silence.p95)],
  ['max', 8, ({ silence }) => inMs(silence.max)],
  ['history', 9, ({ historyFaults }) => historyFaults],
  ['lost', 6, ({ bookingsLost }) => bookingsLost],
  ['doubled', 9, ({ bookingsDoubled }) => bookingsDoubled],
  ['records', 9, ({ records }) => records],
  ['left', 6, ({ left }) => left.length],
];
const TITLE_WIDTH = 24;
const SHOWN_FAILURES = 10;

export function tableOf(summaries: readonly Summary[]): string {
  const head = COLUMNS.map(([title, width]) => title.padStart(width)).join('');
  const rows = summaries.map(
    (summary) =>
      summary.title.padEnd(TITLE_WIDTH) +
      COLUMNS.map(([, width, of]) => String(of(summary)).padStart(width)).join(''),
  );
  return [''.padEnd(TITLE_WIDTH) + head, ...rows].join('\n');
}

/** The promises that were broken, with the first of the calls in which they were. */
export function brokenOf(summaries: readonly Summary[]): string {
  return summaries
    .filter(({ broken }) => broken.length > 0)
    .flatMap(({ title, broken, failures }) => [
      `\n${title}:`,
      ...broken.map((each) => `  BROKEN: ${each}`),
      ...failures
        .slice(0, SHOWN_FAILURES)
        .flatMap(({ callSid, broken, why, heard }) => [
          `    ${callSid} ${broken}: ${why.join('; ')}`,
          `      heard at last: ${heard}`,
        ]),
    ])
    .join('\n');
}

function inMs(ms: number): string {
  return Number.isNaN(ms) ? '-' : ms.toFixed(0);
}
