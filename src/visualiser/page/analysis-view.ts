/** Figures of a period, where a person would rather look than read. */
import { type AnalysedDay, analysedDays, completionOf } from './analysed-days.ts';
import type { AnalysisJson, FiguresJson } from './analysis-json.ts';
import { element } from './element.ts';
import { percent } from './format.ts';
import { LatencyPlot } from './latency-plot.ts';
import { LinesPlot } from './lines-plot.ts';
import { OutcomesPlot } from './outcomes-plot.ts';
import { type Period, periodBack, periodOf } from './period.ts';
import { PeriodChooser } from './period-chooser.ts';
import { PromiseTiles } from './promise-tiles.ts';
import { RankCard } from './rank-card.ts';
import { outcomeName } from './state-name.ts';
import type { PageParts, View } from './view.ts';

const DEFAULT_DAYS = 30;
const LEAST_COMPLETED = 0.9;

export class AnalysisView implements View {
  readonly #parts: PageParts;
  readonly #chooser = new PeriodChooser((period) => this.#choose(period));
  readonly #tiles = new PromiseTiles();
  readonly #latency = new LatencyPlot();
  readonly #outcomes = new OutcomesPlot();
  readonly #completion = new LinesPlot({
    title: 'Completion',
    lines: [{ name: 'completed or handed over', class: 'completion', value: completionOf }],
    format: percent,
    label: (share) => `${Math.round(share * 100)} %`,
    axis: { from: 0.8, to: 1 },
    limit: { value: LEAST_COMPLETED, name: 'promised: more than 90 %' },
  });
  readonly #trouble = new LinesPlot({
    title: 'Interruptions and re-prompts a call',
    lines: [
      { name: 'interruptions', class: 'interruptions', value: perCall('interruptions') },
      { name: 're-prompts', class: 'reprompts', value: perCall('reprompts') },
    ],
    format: (value) => value.toFixed(2),
    label: (value) => value.toFixed(1),
    axis: { to: 0.5 },
  });
  readonly #tools = new RankCard('Tools used', ['Tool', 'times'], 'No tool was used.');
  readonly #tags = new RankCard('Tags', ['Tag', 'calls'], 'No call has a tag.');
  readonly #plots = element('div', { class: 'plots' });
  readonly #message = element('div', { class: 'card empty', role: 'status' });
  readonly #root: HTMLElement;
  #asking: AbortController | undefined;

  constructor(parts: PageParts) {
    this.#parts = parts;
    const ranks = element('div', { class: 'ranks' }, this.#tools.element, this.#tags.element);
    const [latency, outcomes] = [this.#latency.element, this.#outcomes.element];
    this.#plots.append(latency, outcomes, this.#completion.element, this.#trouble.element, ranks);
    const head = element('header', { class: 'analysis-head' }, element('h1', {}, 'Analysis'));
    head.append(this.#chooser.element);
    this.#root = element(
      'div',
      { class: 'analysis' },
      head,
      this.#tiles.element,
      this.#message,
      this.#plots,
    );
  }

  show(main: HTMLElement, argument: string): void {
    main.append(this.#root);
    const period = periodOf(argument) ?? periodBack(DEFAULT_DAYS, new Date());
    this.#chooser.period = period;
    void this.#load(period);
  }

  hide(): void {
    this.#asking?.abort();
  }

  #choose(period: Period): void {
    // Without an entry in the history: the way back leads out of the view.
    history.replaceState(null, '', `#analysis/${period.from}..${period.to}`);
    void this.#load(period);
  }

  async #load({ from, to }: Period): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.#root.setAttribute('aria-busy', 'true');
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    try {
      const query = new URLSearchParams({ from, to, zone });
      const path = `analysis?${query}`;
      this.#draw(await this.#parts.api.get<AnalysisJson>(path, asking.signal));
    } catch (error) {
      if (!asking.signal.aborted) this.#fail(error);
    } finally {
      if (this.#asking === asking) this.#root.removeAttribute('aria-busy');
    }
  }

  #draw(analysis: AnalysisJson): void {
    const { from, to, zone, total } = analysis;
    const days = analysedDays(from, to, analysis.days);
    const hasCalls = total.calls > 0;
    this.#say(hasCalls ? [] : emptyMessage(from === to ? from : `${from} to ${to}`, zone));
    this.#tiles.element.hidden = !hasCalls;
    this.#plots.hidden = !hasCalls;
    if (!hasCalls) return;
    this.#tiles.show(total);
    this.#latency.show(analysis);
    this.#outcomes.show(days, total);
    this.#completion.show(days, completionSummary(days, total));
    this.#trouble.show(days, troubleSummary(total));
    this.#tools.show(total.toolCalls, toolName);
    this.#tags.show(total.tags);
  }

  #fail(error: unknown): void {
    this.#tiles.element.hidden = true;
    this.#plots.hidden = true;
    const text = error instanceof Error ? error.message : String(error);
    this.#say([element('p', { class: 'problem' }, `The figures cannot be shown: ${text}`)]);
  }

  #say(message: readonly HTMLElement[]): void {
    this.#message.replaceChildren(...message);
    this.#message.hidden = message.length === 0;
  }
}

function emptyMessage(period: string, zone: string): HTMLElement[] {
  return [
    element('p', { class: 'empty-title' }, 'No calls in this period'),
    element(
      'p',
      {},
      `${period}, ${zone}. Choose other days, or call from the `,
      softphoneLink(),
      '.',
    ),
  ];
}

function softphoneLink(): HTMLElement {
  return element('a', { href: '#softphone' }, 'softphone');
}

function perCall(name: 'interruptions' | 'reprompts') {
  return (day: AnalysedDay) => (day.calls > 0 ? day[name] / day.calls : null);
}

function completionSummary(days: readonly AnalysedDay[], { completionShare }: FiguresJson): string {
  const shares = days.flatMap((day) => completionOf(day) ?? []);
  if (completionShare === null || shares.length === 0) return 'No call has ended yet.';
  const summary = `${percent(completionShare)} of calls were completed or handed to a person`;
  if (shares.length === 1) return `${summary}.`;
  const below = shares.filter((share) => share <= LEAST_COMPLETED).length;
  const unit = days.some(({ date, last }) => date !== last) ? 'weeks' : 'days';
  return `${summary}; ${below} of ${shares.length} ${unit} with calls missed 90 %.`;
}

function troubleSummary({ calls, interruptions, reprompts }: FiguresJson): string {
  const each = (count: number) => (count / calls).toFixed(2);
  return `A call was interrupted ${each(interruptions)} times and the caller asked again ${each(reprompts)} times, on average.`;
}

/** `hold table, refused` of `hold_table.refused` */
function toolName(of: string): string {
  return outcomeName(of).replaceAll('_', ' ').replace('.', ', ');
}
