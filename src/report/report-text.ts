import type { CallFigures, CallReport } from './call-report.ts';
import { csv } from './csv.ts';
import { COLUMNS } from './report-columns.ts';

/** One line a day, then the total. */
export function reportCsv({ days, total }: CallReport): string {
  const row = (day: string, figures: CallFigures) => [
    day,
    ...COLUMNS.map((column) => column.value(figures)),
  ];
  return csv([
    ['day', ...COLUMNS.map((column) => column.name)],
    ...days.map(({ date, figures }) => row(date, figures)),
    row('total', total),
  ]);
}

/** For people: the whole period, then a few figures of each day. */
export function reportTable({ days, total }: CallReport, period: string): string {
  const whole = COLUMNS.map(({ label, value }) => [label, value(total) || '-']);
  const daily = [
    ['Day', 'Calls', 'Completed %', 'Failed %', 'Abandoned', 'Booked', 'Response p95, ms'],
    ...days.map(({ date, figures }) => [
      date,
      ...['calls', 'completion_percent', 'failed_percent', 'abandoned', 'reservations']
        .concat('response_p95_ms')
        .map((name) => COLUMNS.find((column) => column.name === name)?.value(figures) || '-'),
    ]),
  ];
  return `Calls ${period}\n\n${leftAligned(whole)}\n${days.length > 0 ? `\n${rightAligned(daily)}\n` : ''}`;
}

function leftAligned(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([label = '']) => label.length));
  return rows.map(([label = '', value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

function rightAligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => row.map((text, column) => text.padStart(widths[column] ?? 0)).join('  '))
    .join('\n');
}
