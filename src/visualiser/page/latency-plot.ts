/** How long answers took: the stages as small plots to choose from, one of them large. */
import {
  ANALYSED_STAGES,
  type AnalysedStage,
  type AnalysisJson,
  type HistogramJson,
} from './analysis-json.ts';
import { element, svg } from './element.ts';
import { milliseconds, percent } from './format.ts';
import { histogramBars, histogramRows, shareWithin } from './histogram.ts';
import { histogramDrawing } from './histogram-drawing.ts';
import { PlotCard } from './plot-card.ts';
import { RESPONSE_LIMIT_MS } from './response-limit.ts';

const NAMES: Readonly<Record<AnalysedStage, string>> = {
  response: 'Response',
  endpoint: 'End of turn',
  queue: 'Queue',
  firstToken: 'First token',
  voice: 'Voice',
  wire: 'Wire',
};
const MEANINGS: Readonly<Record<AnalysedStage, string>> = {
  response: 'from the caller’s last sound to the answer’s first',
  endpoint: 'from the caller’s last sound until the turn is judged to be over',
  queue: 'in line for the engine',
  firstToken: 'from the engine’s start to its first token',
  voice: 'from the first clause to its first sound',
  wire: 'from when it could be sent to the first byte on the wire',
};
const SMALL = { width: 88, height: 26 };

export class LatencyPlot {
  readonly #card = new PlotCard('Response');
  readonly #buttons = new Map<AnalysedStage, HTMLButtonElement>();
  readonly element: HTMLElement;
  #analysis: AnalysisJson | undefined;
  #stage: AnalysedStage = 'response';

  constructor() {
    for (const stage of ANALYSED_STAGES) {
      const click = () => this.#choose(stage);
      const attributes = { type: 'button', class: `stage-choice ${stage}`, on: { click } };
      this.#buttons.set(stage, element('button', attributes));
    }
    const choice = element(
      'div',
      { class: 'stage-choices', role: 'group', 'aria-label': 'Stage of an answer' },
      stageHead(),
      ...this.#buttons.values(),
    );
    this.#card.element.classList.add('latency');
    this.#card.element.append(choice);
    this.element = this.#card.element;
  }

  show(analysis: AnalysisJson): void {
    this.#analysis = analysis;
    for (const [stage, button] of this.#buttons) {
      const { p50, p95 } = analysis.total.latenciesMs[stage];
      button.replaceChildren(
        element('span', { class: 'stage-name' }, NAMES[stage]),
        smallHistogram(analysis.histograms[stage]),
        figure('p50', p50),
        figure('p95', p95),
      );
    }
    this.#choose(this.#stage);
  }

  #choose(stage: AnalysedStage): void {
    this.#stage = stage;
    for (const [name, button] of this.#buttons) {
      button.setAttribute('aria-pressed', String(name === stage));
    }
    if (!this.#analysis) return;
    const histogram = this.#analysis.histograms[stage];
    const { p50, p95 } = this.#analysis.total.latenciesMs[stage];
    const bars = histogramBars(histogram, stage === 'response' ? RESPONSE_LIMIT_MS * 1.25 : 0);
    const limitMs = stage === 'response' ? RESPONSE_LIMIT_MS : undefined;
    this.#card.title = `${NAMES[stage]}, ${MEANINGS[stage]}`;
    this.#card.show({
      summary: summaryOf(histogram, bars.total, { p50, p95, limitMs }),
      draw: (width) => {
        return histogramDrawing(bars, { width, stage, p50, p95, limitMs }, (text) => {
          this.#card.readout = text;
        });
      },
      table: {
        head: ['Time', 'answers'],
        rows: histogramRows(bars, tableWidth(bars.toMs)).map(({ name, count }) => [
          name,
          String(count),
        ]),
      },
    });
  }
}

interface Marks {
  p50: number | null;
  p95: number | null;
  limitMs: number | undefined;
}

function summaryOf(histogram: HistogramJson, total: number, { p50, p95, limitMs }: Marks): string {
  if (total === 0) return 'No answer has been timed in this period.';
  const share = limitMs === undefined ? null : shareWithin(histogram, limitMs);
  const within = share === null ? '' : ` ${percent(share)} came within ${limitMs} ms.`;
  const count = `${total.toLocaleString('en')} ${total === 1 ? 'answer' : 'answers'}`;
  return `${count}: half within ${ms(p50)}, 95 % within ${ms(p95)}.${within}`;
}

function stageHead(): HTMLElement {
  const names = ['Stage', '', 'p50', 'p95'].map((name) => element('span', {}, name));
  return element('div', { class: 'stage-head', 'aria-hidden': 'true' }, ...names);
}

function figure(name: string, value: number | null): HTMLElement {
  const unseen = element('span', { class: 'unseen' }, `${name} `);
  return element('span', { class: 'number' }, unseen, ms(value));
}

/** Without an axis: only its form. */
function smallHistogram(histogram: HistogramJson): SVGSVGElement {
  const { bars, most, toMs } = histogramBars(histogram);
  const { width, height } = SMALL;
  const points = bars.map(({ fromMs, toMs: end, count }) => {
    const y = most > 0 ? height - (count / most) * (height - 1) : height;
    return `L${((fromMs / toMs) * width).toFixed(1)} ${y.toFixed(1)}H${((end / toMs) * width).toFixed(1)}`;
  });
  const d = `M0 ${height}${points.join('')}L${width} ${height}Z`;
  const viewBox = `0 0 ${width} ${height}`;
  return svg(
    'svg',
    { class: 'small-histogram', viewBox, 'aria-hidden': 'true' },
    svg('path', { class: 'form', d }),
  );
}

function tableWidth(toMs: number): number {
  return toMs > 1000 ? 100 : 50;
}

function ms(value: number | null): string {
  return value === null ? '–' : milliseconds(value);
}
