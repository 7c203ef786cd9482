/** Figures by day as lines. */
import { type AnalysedDay, dayName } from './analysed-days.ts';
import { dayPlot, readoutOf } from './day-plot.ts';
import { element, svg } from './element.ts';
import { PlotCard } from './plot-card.ts';
import { linePath } from './plot-scale.ts';

export interface PlotLine {
  name: string;
  /** For its colour and its dashes. */
  class: string;
  /** Null: there is nothing to make the figure of. */
  value(day: AnalysedDay): number | null;
}

export interface LinesPlotOptions {
  title: string;
  lines: readonly PlotLine[];
  /** A value in words, such as `93.4 %`, and beside the grid. */
  format(value: number): string;
  label(value: number): string;
  /** What is on the axis in any case; without a first value it begins at 0. */
  axis: { from?: number; to: number };
  limit?: { value: number; name: string };
}

/** With fewer days than this each has a point. */
const MOST_POINTS = 70;

export class LinesPlot {
  readonly #options: LinesPlotOptions;
  readonly #card: PlotCard;
  readonly element: HTMLElement;

  constructor(options: LinesPlotOptions) {
    this.#options = options;
    this.#card = new PlotCard(`${options.title} by day`, legendOf(options));
    this.element = this.#card.element;
  }

  show(days: readonly AnalysedDay[], summary: string): void {
    const { title, lines, format } = this.#options;
    const unit = days.some(({ date, last }) => date !== last) ? 'week' : 'day';
    this.#card.title = `${title} by ${unit}`;
    const text = (value: number | null) => (value === null ? '–' : format(value));
    this.#card.show({
      summary,
      draw: (width) => this.#draw(width, days),
      table: {
        head: ['Day', ...lines.map(({ name }) => name)],
        rows: days.map((day) => [dayName(day), ...lines.map((line) => text(line.value(day)))]),
      },
    });
  }

  #draw(width: number, days: readonly AnalysedDay[]): SVGSVGElement {
    const { lines, format, label, axis, limit } = this.#options;
    const values = days.flatMap((day) => lines.flatMap((line) => line.value(day) ?? []));
    const plot = dayPlot({
      width,
      days,
      most: Math.max(axis.to, ...values),
      least: axis.from === undefined ? 0 : Math.min(axis.from, ...values),
      label,
      ...(limit && { limit: limit.value }),
      onPointed: (day) => {
        this.#card.readout = readoutOf(day, (one) =>
          lines.map((line) => `${format(line.value(one) ?? 0)} ${line.name}`).join(', '),
        );
      },
    });
    for (const line of lines) {
      const points = days.map((day, index) => {
        const value = line.value(day);
        return value === null ? null : { x: plot.x(index), y: plot.y(value) };
      });
      const attributes = { class: `line ${line.class}` };
      plot.drawing.append(svg('path', { ...attributes, d: linePath(points) }));
      if (days.length > MOST_POINTS) continue;
      for (const point of points) {
        if (point)
          plot.drawing.append(svg('circle', { ...attributes, cx: point.x, cy: point.y, r: 3 }));
      }
    }
    return plot.drawing;
  }
}

function legendOf({ lines, limit }: LinesPlotOptions): HTMLElement {
  const named = [...lines, ...(limit ? [{ class: 'limit', name: limit.name }] : [])];
  const keys = named.map((line) =>
    element('li', {}, element('span', { class: `key line ${line.class}` }), line.name),
  );
  return element('ul', { class: 'legend' }, ...keys);
}
