/** A finished call, moment by moment: the chart, the context, the events, the words so far. */
import type { Api } from './api.ts';
import type { WholeCallJson } from './call-json.ts';
import { ContextTable } from './context-table.ts';
import { element, setText } from './element.ts';
import { exactTime } from './exact-time.ts';
import { dayTime, maskedNumber, shortSid } from './format.ts';
import { MomentList } from './moment-list.ts';
import { outcomeBadge } from './outcome-badge.ts';
import { PastChart } from './past-chart.ts';
import type { Moment, MomentsJson, ScrubPosition } from './scrub.ts';
import { positionAt, positionOfSeq } from './scrub.ts';
import { ScrubBar } from './scrub-bar.ts';
import { eventName, stateLine } from './state-name.ts';
import { type Timeline, timelineOf } from './timeline.ts';
import { Transcript } from './transcript.ts';
import { transcriptTurns } from './transcript-turns.ts';
import type { PageParts, View } from './view.ts';

export class PastView implements View {
  readonly #api: Api;
  #shown: ShownPast | undefined;

  constructor({ api }: PageParts) {
    this.#api = api;
  }

  show(main: HTMLElement, argument: string): void {
    // What follows the call in the address is a moment of it.
    const seq = Number(location.hash.split('/')[2] ?? Number.NaN);
    this.#shown = new ShownPast(this.#api, argument, main);
    void this.#shown.load(seq);
  }

  hide(): void {
    this.#shown?.close();
    this.#shown = undefined;
  }
}

class ShownPast {
  readonly #api: Api;
  readonly #callSid: string;
  readonly #main: HTMLElement;
  readonly #abort = new AbortController();
  readonly #problem = element('p', { class: 'problem', role: 'alert' });
  readonly #told = element('p', { class: 'past-told', role: 'status' });
  readonly #chart = new PastChart();
  readonly #context = new ContextTable();
  readonly #list: MomentList;
  readonly #transcript: Transcript;
  readonly #bar: ScrubBar;
  #timeline: Timeline | undefined;
  #moments: readonly Moment[] = [];
  #index = -1;

  constructor(api: Api, callSid: string, main: HTMLElement) {
    this.#api = api;
    this.#callSid = callSid;
    this.#main = main;
    this.#bar = new ScrubBar((position, isPlaying) => this.#go(position, isPlaying));
    this.#list = new MomentList((index) => this.#bar.goTo(index));
    this.#transcript = new Transcript((turn) => this.#goToTurn(turn));
    main.append(element('p', { class: 'soft', role: 'status' }, 'Reading the call …'));
  }

  /** @param seq of the moment to begin with; not a number: the first */
  async load(seq: number): Promise<void> {
    const { signal } = this.#abort;
    const path = `calls/${encodeURIComponent(this.#callSid)}`;
    try {
      const [call, { moments, problem }] = await Promise.all([
        this.#api.get<WholeCallJson>(path, signal),
        this.#api.get<MomentsJson>(`${path}/moments`, signal),
        this.#chart.load(),
      ]);
      if (signal.aborted) return;
      this.#moments = moments;
      this.#timeline = timelineOf(call);
      this.#lay(call, problem);
      if (moments.length === 0) return;
      this.#bar.show(moments, this.#timeline.turns);
      this.#bar.goTo(Number.isInteger(seq) ? positionOfSeq(moments, seq).index : 0);
    } catch (error) {
      if (signal.aborted) return;
      this.#problem.textContent = `The call cannot be shown: ${(error as Error).message}`;
      const back = element('a', { class: 'back', href: '#calls' }, '‹ Calls');
      const title = element('h1', {}, 'Back in time');
      const head = element('header', { class: 'view-head' }, back, title);
      this.#main.replaceChildren(head, this.#problem);
    }
  }

  close(): void {
    this.#abort.abort();
    this.#bar.close();
  }

  #lay(call: WholeCallJson, problem: string | null): void {
    this.#problem.textContent = problem ?? '';
    const title = element('h1', {}, 'Back in time');
    const facts = [
      shortSid(call.call_sid),
      dayTime(Date.parse(call.started_at)),
      maskedNumber(call.caller_last4),
    ];
    const head = element(
      'header',
      { class: 'view-head' },
      element('a', { class: 'back', href: `#call/${call.call_sid}` }, '‹ The call'),
      title,
      outcomeBadge(call, false),
      element('p', { class: 'soft number' }, facts.join('  ·  ')),
    );
    if (this.#moments.length === 0) {
      const empty = element('p', { class: 'empty' }, 'Nothing is kept of what happened in it.');
      this.#main.replaceChildren(head, empty);
      return;
    }
    if (this.#timeline) this.#transcript.show(transcriptTurns(call, this.#timeline), false);
    this.#main.replaceChildren(head, this.#problem, this.#bar.element, this.#told, this.#panels());
  }

  #panels(): HTMLElement {
    const card = (name: string, title: string, ...children: Node[]) =>
      element(
        'section',
        { class: `card past-${name}`, 'aria-label': title },
        element('header', {}, element('h2', {}, title), ...children.slice(1)),
        children[0],
      );
    return element(
      'div',
      { class: 'past-panels' },
      card('chart', 'Chart', this.#chart.pane.element, this.#chart.pane.controls),
      card('events', 'Events', this.#list.element),
      card('context', 'Context', this.#context.element),
      card('words', 'Words', this.#transcript.element),
    );
  }

  /** Where the bar has come to. While it plays, only what changed is drawn. */
  #go({ index, at }: ScrubPosition, isPlaying: boolean): void {
    const moment = this.#moments[index];
    if (!moment || !this.#timeline) return;
    const ms = at - this.#timeline.startedAt;
    this.#transcript.reveal(ms);
    if (index !== this.#index) {
      const previous = this.#moments[index - 1];
      this.#chart.show(moment, previous, index === this.#index + 1);
      this.#context.show(moment.context, previous?.context);
      this.#list.show(this.#moments, index, this.#timeline.startedAt);
      this.#index = index;
    }
    // A screen reader that is told of each moment of a playing call says nothing else.
    setText(this.#told, isPlaying ? '' : this.#sentence(moment));
    if (!isPlaying) history.replaceState(null, '', `#past/${this.#callSid}/${moment.seq}`);
  }

  #sentence({ at, path, event }: Moment): string {
    const time = exactTime(at - (this.#timeline?.startedAt ?? at));
    return `${time} · ${stateLine(path)}, after ${eventName(event)}`;
  }

  #goToTurn(turn: number): void {
    const span = this.#timeline?.turns[turn];
    if (!span || !this.#timeline) return;
    this.#bar.goTo(positionAt(this.#moments, this.#timeline.startedAt + span.fromMs).index);
  }
}
