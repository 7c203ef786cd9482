/** Talks with this server from the browser, and shows what the call does meanwhile. */
import type { FeedMessage } from '../feed-message.ts';
import type { CallJson } from './call-json.ts';
import { element } from './element.ts';
import { OwnCall } from './own-call.ts';
import { ScenarioCard } from './scenario-card.ts';
import { SoftphoneChart } from './softphone-chart.ts';
import { SoftphoneLine, type SoftphoneState } from './softphone-line.ts';
import { outcomeInWords } from './softphone-outcome.ts';
import { isBusy, SoftphoneSet } from './softphone-set.ts';
import { SoftphoneTalk } from './softphone-talk.ts';
import type { PageParts, View } from './view.ts';

const TICK_MS = 200;
/** When the feed has not told by then how the call ended, the records are asked. */
const OUTCOME_MS = 3000;

export class SoftphoneView implements View {
  readonly #parts: PageParts;
  readonly #line: SoftphoneLine;
  readonly #set: SoftphoneSet;
  readonly #talk = new SoftphoneTalk();
  readonly #chart = new SoftphoneChart();
  readonly #scenario = new ScenarioCard();
  readonly #root: HTMLElement;
  #own: OwnCall | undefined;
  #timer: number | undefined;

  constructor(parts: PageParts) {
    this.#parts = parts;
    this.#line = new SoftphoneLine(parts.api, {
      onState: (state) => this.#become(state),
      onGranted: (callSid) => this.#begin(callSid),
      onLevels: (spokenDb, heardDb) => this.#set.levels(spokenDb, heardDb),
    });
    this.#set = new SoftphoneSet({
      onCall: (options) => void this.#line.call(options),
      onHangUp: () => this.#line.hangUp(),
      onPressed: (key) => this.#line.press(key),
    });
    this.#root = this.#layout();
    parts.feed.listen((message) => this.#take(message));
    // A call goes on while other views are shown, but not without the page.
    addEventListener('pagehide', () => this.#line.hangUp());
    document.addEventListener('keydown', (event) => this.#type(event));
  }

  show(main: HTMLElement): void {
    main.append(this.#root);
    this.#chart.load();
    this.#draw();
    this.#tick();
  }

  hide(): void {
    clearTimeout(this.#timer);
  }

  #layout(): HTMLElement {
    const talk = element(
      'section',
      { class: 'card talk-card', 'aria-label': 'Conversation' },
      element('h2', {}, 'Conversation'),
      this.#talk.element,
    );
    return element(
      'div',
      { class: 'softphone' },
      element('h1', { class: 'unseen' }, 'Softphone'),
      this.#set.element,
      element('div', { class: 'softphone-words' }, talk, this.#scenario.element),
      this.#chart.element,
    );
  }

  #begin(callSid: string): void {
    this.#own = new OwnCall(callSid);
    this.#draw();
  }

  #become(state: SoftphoneState): void {
    this.#set.show(state);
    document.documentElement.classList.toggle('in-call', state.name === 'inCall');
    if (state.name === 'asking') {
      this.#own = undefined;
      this.#scenario.hide();
      this.#talk.clear('The agent greets you first.');
    }
    if (state.name === 'failed') this.#talk.clear('What you and the agent say stands here.');
    if (state.name === 'ended') this.#showEnd(state.callSid);
    this.#draw();
  }

  #take(message: FeedMessage): void {
    if (this.#own?.push(message)) this.#draw();
  }

  #draw(): void {
    const own = this.#own;
    this.#showOutcome();
    if (!this.#root.isConnected) return;
    this.#chart.draw(own?.live, own?.callSid ?? null);
    if (own) this.#talk.show(own.words);
  }

  #showEnd(callSid: string): void {
    const { track } = this.#line;
    if (track && track.durationMs > 0) this.#scenario.show(track, new Date());
    this.#talk.toEnd();
    setTimeout(() => void this.#askForOutcome(callSid), OUTCOME_MS);
  }

  #showOutcome(): void {
    const live = this.#own?.live;
    if (this.#line.state.name !== 'ended' || !live?.ended) return;
    const { destination } = live.context;
    this.#set.outcome = outcomeInWords({ ...live.ended, destination });
  }

  async #askForOutcome(callSid: string): Promise<void> {
    const isOther = () => this.#own?.callSid !== callSid || isBusy(this.#line.state);
    if (isOther() || this.#own?.live?.ended) return;
    try {
      const call = await this.#parts.api.get<CallJson>(`calls/${callSid}`);
      if (isOther() || call.outcome === null) return;
      const { outcome, reason, handoff_destination: destination } = call;
      this.#set.outcome = outcomeInWords({ outcome, reason, destination });
    } catch {
      // It stays with how the line ended, which is known.
    }
  }

  #tick(): void {
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
    this.#set.tick();
    // Of a call whose line is broken nothing is known any more.
    if (isBusy(this.#line.state)) this.#chart.tick(this.#parts.feed.now);
  }

  #type(event: KeyboardEvent): void {
    if (!this.#root.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.repeat || event.target instanceof HTMLInputElement) return;
    // The chart has keys of its own.
    if (event.target instanceof Element && event.target.closest('.chart-frame')) return;
    if (this.#set.keypad.type(event.key)) event.preventDefault();
  }
}
