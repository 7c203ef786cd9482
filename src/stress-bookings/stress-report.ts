import type { StressFigures } from './stress-run.ts';
import type { Violation } from './violation.ts';

const SHOWN_VIOLATIONS = 20;
const REDRAW_MS = 200;

export interface Column {
  title: string;
  figures: StressFigures;
}

/** One line that is redrawn on a terminal; elsewhere nothing. */
export class Progress {
  readonly #title: string;
  readonly #operations: number;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(title: string, operations: number) {
    this.#title = title;
    this.#operations = operations;
  }

  show({ asked, lost, kills }: StressFigures): void {
    if (!process.stdout.isTTY || performance.now() - this.#shownAt < REDRAW_MS) return;
    this.#shownAt = performance.now();
    this.#draw(`${this.#title}: ${asked} of ${this.#operations}, ${kills} killed, ${lost} cut off`);
  }

  clear(): void {
    if (process.stdout.isTTY) this.#draw('');
  }

  #draw(line: string): void {
    process.stdout.write(`\r\x1b[2K${line}`);
  }
}

/** The figures side by side, and below them each violation. */
export function tableOf(columns: readonly Column[]): string {
  const line = (name: string, show: (figures: StressFigures) => number | string) =>
    name.padEnd(24) + columns.map(({ figures }) => String(show(figures)).padStart(20)).join('');
  const counts = (title: string, of: (figures: StressFigures) => Record<string, number>) =>
    [...new Set(columns.flatMap(({ figures }) => Object.keys(of(figures))))]
      .sort()
      .map((name) => line(`  ${title} ${name}`, (figures) => of(figures)[name] ?? 0));
  return [
    ''.padEnd(24) + columns.map(({ title }) => title.padStart(20)).join(''),
    line('operations asked', ({ asked }) => asked),
    line('acknowledged', ({ acknowledged }) => acknowledged),
    line('  as a repeat', ({ repeated }) => repeated),
    ...counts('done:', ({ done }) => done),
    ...counts('refused:', ({ refused }) => refused),
    line('processes killed', ({ kills }) => kills),
    line('operations cut off', ({ lost }) => lost),
    line('  done, never heard of', ({ unheard }) => unheard),
    line('database unavailable', ({ unavailable }) => unavailable),
    line('seconds', ({ seconds }) => seconds.toFixed(1)),
    line('operations a second', ({ asked, seconds }) => (asked / seconds).toFixed(0)),
    line('violations', ({ violations }) => violations.length),
    ...counts('of these', ({ violations }) => countKinds(violations)),
    ...columns.flatMap(({ title, figures }) =>
      figures.violations
        .slice(0, SHOWN_VIOLATIONS)
        .map(({ kind, about }) => `${title}: ${kind}: ${about}`),
    ),
  ].join('\n');
}

function countKinds(violations: readonly Violation[]): Record<string, number> {
  const kinds = Map.groupBy(violations, ({ kind }) => kind);
  return Object.fromEntries([...kinds].map(([kind, found]) => [kind, found.length]));
}
