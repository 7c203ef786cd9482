/** How calls ended, by day, one upon the other. */
import { type AnalysedDay, type AnalysedOutcome, dayName, OUTCOMES } from './analysed-days.ts';
import type { FiguresJson } from './analysis-json.ts';
import { type DayPlot, dayPlot, readoutOf } from './day-plot.ts';
import { element, svg } from './element.ts';
import { percent } from './format.ts';
import { PlotCard } from './plot-card.ts';
import { type StackPart, stackOf } from './stacked-days.ts';

const NAMES: Readonly<Record<AnalysedOutcome, string>> = {
  completed: 'completed',
  handedOff: 'handed to a person',
  voicemail: 'voicemail',
  abandoned: 'abandoned',
  failed: 'failed',
  notReached: 'nobody reached',
  live: 'no end yet',
};
const WIDEST_PX = 34;

export class OutcomesPlot {
  readonly #legend = element('ul', { class: 'legend' });
  readonly #card = new PlotCard('Outcomes by day', this.#legend);
  readonly element = this.#card.element;

  show(days: readonly AnalysedDay[], total: FiguresJson): void {
    const present = OUTCOMES.filter((outcome) => total[outcome] > 0);
    const keys = present.map((outcome) =>
      element('li', {}, element('span', { class: `key ${outcome}` }), NAMES[outcome]),
    );
    this.#legend.replaceChildren(...keys);
    const told = present.map(
      (outcome) => `${total[outcome].toLocaleString('en')} ${NAMES[outcome]}`,
    );
    this.#card.title = days.some(({ date, last }) => date !== last)
      ? 'Outcomes by week'
      : 'Outcomes by day';
    this.#card.show({
      summary: `Of ${total.calls.toLocaleString('en')} calls: ${told.join(', ')}.`,
      draw: (width) => this.#draw(width, days),
      table: {
        head: ['Day', 'calls', ...present.map((outcome) => NAMES[outcome])],
        rows: days.map((day) => [
          dayName(day),
          ...[day.calls, ...present.map((outcome) => day[outcome])].map(String),
        ]),
      },
    });
  }

  #draw(width: number, days: readonly AnalysedDay[]): SVGSVGElement {
    const plot = dayPlot({
      width,
      days,
      most: Math.max(4, ...days.map(({ calls }) => calls)),
      label: String,
      onPointed: (day) => {
        this.#card.readout = readoutOf(day, outcomesOf);
      },
    });
    for (const [index, day] of days.entries()) {
      plot.drawing.append(...stackOf(day, OUTCOMES).map((part) => bar(plot, index, part)));
    }
    return plot.drawing;
  }
}

function bar({ x, y, dayWidth }: DayPlot, index: number, part: StackPart<AnalysedOutcome>) {
  const width = Math.max(1, Math.min(WIDEST_PX, dayWidth * 0.72));
  const [top, bottom] = [y(part.to), y(part.from)];
  return svg('rect', {
    class: `outcome ${part.name}`,
    x: (x(index) - width / 2).toFixed(1),
    y: top.toFixed(1),
    width: width.toFixed(1),
    // A hair of the ground between two parts; a part never vanishes in it.
    height: Math.max(1, bottom - top - (part.from > 0 ? 1 : 0)).toFixed(1),
  });
}

function outcomesOf(day: AnalysedDay): string {
  const parts = OUTCOMES.filter((outcome) => day[outcome] > 0);
  const failed = day.failed > 0 ? ` (${percent(day.failed / day.calls)})` : '';
  return parts
    .map((outcome) => `${day[outcome]} ${NAMES[outcome]}${outcome === 'failed' ? failed : ''}`)
    .join(', ');
}
