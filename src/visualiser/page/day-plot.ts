/** What plots by day have in common: axes, names of days, and what is pointed at. */
import { type AnalysedDay, dayName, shortDate } from './analysed-days.ts';
import { svg } from './element.ts';
import { namedDays, type PlotArea, valueTicks } from './plot-scale.ts';

const HEIGHT = 210;
const MARGIN = { left: 40, right: 8, top: 10, bottom: 26 };
const LABEL_PX = 58;

export interface DayPlotOptions {
  width: number;
  days: readonly AnalysedDay[];
  /** The largest value that is drawn, and where the axis may begin; by default at 0. */
  most: number;
  least?: number;
  /** A value beside its line of the grid. */
  label(value: number): string;
  /** Where a line stands that values should keep to. */
  limit?: number;
  /** Text of a day; undefined: none is pointed at. */
  onPointed(day: AnalysedDay | undefined): void;
}

export interface DayPlot {
  drawing: SVGSVGElement;
  area: PlotArea;
  /** Of one day, px. */
  dayWidth: number;
  /** The middle of a day, and the height of a value. */
  x(index: number): number;
  y(value: number): number;
}

/** With room for what a plot draws itself: it appends that. */
export function dayPlot(options: DayPlotOptions): DayPlot {
  const { width, days, most, least = 0, limit } = options;
  const area: PlotArea = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
  };
  const ticks = valueTicks(least, most);
  const [bottom = 0, top = 1] = [ticks[0], ticks.at(-1)];
  const dayWidth = area.width / Math.max(1, days.length);
  const plot: DayPlot = {
    drawing: svg('svg', { width, height: HEIGHT }),
    area,
    dayWidth,
    x: (index) => area.left + (index + 0.5) * dayWidth,
    y: (value) => area.top + (area.height * (top - value)) / (top - bottom),
  };
  plot.drawing.append(pointed(plot, options));
  for (const value of ticks) {
    const line = gridLine(plot, value, options.label(value));
    line.classList.add(value === bottom ? 'axis' : 'grid');
    plot.drawing.append(line);
  }
  for (const index of namedDays(days.length, area.width, LABEL_PX)) {
    plot.drawing.append(dayLabel(plot, index, days[index]?.date ?? ''));
  }
  if (limit !== undefined) plot.drawing.append(limitLine(plot, limit));
  return plot;
}

function gridLine({ area, y }: DayPlot, value: number, label: string): SVGGElement {
  const at = Math.round(y(value)) + 0.5;
  return svg(
    'g',
    {},
    svg('path', { d: `M${area.left} ${at}h${area.width}` }),
    svg('text', { x: area.left - 7, y: at + 4, 'text-anchor': 'end' }, label),
  );
}

function dayLabel({ area, x }: DayPlot, index: number, date: string): SVGTextElement {
  const half = 24;
  const at = Math.min(area.left + area.width - half + 8, Math.max(area.left + half - 8, x(index)));
  const place = { x: at.toFixed(1), y: area.top + area.height + 18, 'text-anchor': 'middle' };
  return svg('text', place, shortDate(date));
}

function limitLine({ area, y }: DayPlot, value: number): SVGGElement {
  const at = Math.round(y(value)) + 0.5;
  return svg('g', { class: 'limit' }, svg('path', { d: `M${area.left} ${at}h${area.width}` }));
}

/** A band over the day that the pointer is at. */
function pointed(plot: DayPlot, { days, onPointed }: DayPlotOptions): SVGRectElement {
  const { area, dayWidth, drawing } = plot;
  const band = svg('rect', { class: 'band', y: area.top, height: area.height, width: 0 });
  const show = (index: number | undefined) => {
    const day = index === undefined ? undefined : days[index];
    band.setAttribute('x', String(area.left + (index ?? 0) * dayWidth));
    band.setAttribute('width', String(day ? dayWidth : 0));
    onPointed(day);
  };
  drawing.addEventListener('pointermove', ({ clientX }) => {
    const x = clientX - drawing.getBoundingClientRect().left - area.left;
    const index = Math.floor(x / dayWidth);
    show(index >= 0 && index < days.length ? index : undefined);
  });
  drawing.addEventListener('pointerleave', () => show(undefined));
  return band;
}

/** `25 Nov: ` and what there is to say of it; nothing where no day is pointed at. */
export function readoutOf(
  day: AnalysedDay | undefined,
  text: (day: AnalysedDay) => string,
): string {
  return day ? `${dayName(day)}: ${day.calls > 0 ? text(day) : 'no calls'}` : '';
}
