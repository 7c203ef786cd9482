/** All live calls, the chart of one of them or of all, and the engine. */
import type { FeedMessage } from '../feed-message.ts';
import { CallTable } from './call-table.ts';
import { ChartPanel } from './chart-panel.ts';
import { element } from './element.ts';
import { EnginePanel } from './engine-panel.ts';
import type { LiveCall } from './live-call.ts';
import { LiveCalls } from './live-calls.ts';
import type { FeedState } from './live-feed.ts';
import { NowFigures } from './now-figures.ts';
import type { PageParts, View } from './view.ts';

/** Ages are counted on five times a second; sums are made anew every so many of these. */
const TICK_MS = 200;
const TICKS_PER_SUM = 3;
/** From the welcome until all calls have been told, as a rule: what is known meanwhile is not all. */
const SETTLE_MS = 300;

export class NowView implements View {
  readonly #parts: PageParts;
  readonly #store = new LiveCalls();
  readonly #figures = new NowFigures();
  readonly #table: CallTable;
  readonly #engine = new EnginePanel();
  readonly #charts: ChartPanel;
  readonly #empty = emptyState();
  readonly #root: HTMLElement;
  /** What changed since it was drawn: calls by session, and the rest. */
  readonly #changedCalls = new Set<string>();
  readonly #changed = new Set<'all' | 'engine' | 'queue' | 'charts'>();
  /** Session of the call that is looked at. */
  #chosen: string | undefined;
  /** Somebody's own choice, as a CallSid: it stays when the call is over. */
  #namedSid = '';
  #welcomedAt = Number.POSITIVE_INFINITY;
  #frame: number | undefined;
  #timer: number | undefined;
  #ticks = 0;

  constructor(parts: PageParts) {
    this.#parts = parts;
    this.#table = new CallTable({
      chosen: (call) => this.#choose(call),
      opened: ({ callSid }) => {
        if (callSid) location.hash = `#call/${callSid}`;
      },
    });
    this.#charts = new ChartPanel(this.#store, (mode) => {
      this.#root.classList.toggle('by-state', mode === 'all');
      this.#mark('charts');
    });
    this.#root = element(
      'div',
      { class: 'now' },
      element('h1', { class: 'unseen' }, 'Now'),
      this.#figures.element,
      element(
        'section',
        { class: 'card calls-panel', 'aria-label': 'Calls' },
        this.#table.element,
        this.#charts.heat.element,
        this.#empty,
      ),
      this.#engine.element,
      this.#charts.element,
    );
    this.#empty.hidden = true;
    parts.feed.listen((message) => this.#take(message));
    parts.feed.watch((state) => this.#showConnection(state));
  }

  show(main: HTMLElement, argument: string): void {
    main.append(this.#root);
    this.#namedSid = argument;
    this.#chosen = undefined;
    this.#showConnection(this.#parts.feed.state);
    this.#mark('all');
    this.#tick();
  }

  hide(): void {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame ?? 0);
    this.#timer = undefined;
    this.#frame = undefined;
  }

  #take(message: FeedMessage): void {
    if (message.type === 'visualiser.welcome') this.#welcomedAt = performance.now();
    const change = this.#store.push(message);
    // What is shown later is drawn as a whole.
    if (!change || !this.#root.isConnected) return;
    // No frames come to a page that is out of sight: what has changed must not pile up until then.
    if (document.hidden) this.#changed.add('all');
    else if (change.of === 'call') this.#changedCalls.add(change.sessionId);
    else this.#changed.add(change.of);
    this.#askForFrame();
  }

  #mark(what: 'all' | 'charts'): void {
    this.#changed.add(what);
    this.#askForFrame();
  }

  /** However many messages come, it is drawn once for each frame of the screen. */
  #askForFrame(): void {
    if (!this.#root.isConnected) return;
    this.#frame ??= requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frame = undefined;
    if (!this.#isSettled) return;
    const [now, changed] = [this.#parts.feed.now, this.#changed];
    const isAll = changed.has('all');
    this.#drawCalls(isAll, now);
    const before = this.#chosen;
    const subject = this.#subject();
    const isOther = this.#chosen !== before;
    if (isAll || isOther) this.#table.choose(this.#chosen);
    if (isAll || changed.has('engine')) this.#engine.drawEngine(this.#store.engine, now);
    if (isAll || changed.has('queue')) this.#engine.drawQueue(this.#store.queue, now);
    const hasMoved = this.#chosen !== undefined && this.#changedCalls.has(this.#chosen);
    if (isAll || isOther || hasMoved || changed.has('engine') || changed.has('charts')) {
      this.#charts.draw(subject, now);
    }
    if (isAll || changed.has('charts')) this.#drawSums(now);
    changed.clear();
    this.#changedCalls.clear();
  }

  #drawCalls(isAll: boolean, now: number): void {
    const { calls } = this.#store;
    if (isAll) this.#table.keepOnly(calls);
    for (const sessionId of isAll ? calls.keys() : this.#changedCalls) {
      const call = calls.get(sessionId);
      if (call) this.#table.put(call, now);
    }
    this.#empty.hidden = calls.size > 0;
    this.#table.element.hidden = calls.size === 0;
  }

  #drawSums(now: number): void {
    this.#figures.draw(this.#store, now);
    this.#charts.drawHeat(now);
  }

  #tick(): void {
    this.#timer = setTimeout(() => this.#tick(), TICK_MS);
    // Nothing is known of what goes on without a connection: ages stand still.
    if (this.#parts.feed.state !== 'live' || !this.#isSettled) return;
    const { now } = this.#parts.feed;
    // What came before it was settled.
    if (this.#changed.has('all')) this.#askForFrame();
    this.#store.sweep(now);
    if (this.#table.keepOnly(this.#store.calls)) this.#mark('charts');
    this.#chooseForThem();
    this.#table.tick(now);
    this.#engine.tick(now);
    this.#charts.tick(now);
    if (this.#ticks++ % TICKS_PER_SUM === 0) this.#drawSums(now);
  }

  /** The call to be shown; the CallSid alone where somebody's choice is no live call. */
  #subject(): LiveCall | string | undefined {
    const { calls } = this.#store;
    const known = this.#chosen === undefined ? undefined : calls.get(this.#chosen);
    const isMeant = !this.#namedSid || known?.callSid === this.#namedSid;
    const call = isMeant ? known : this.#store.bySid(this.#namedSid);
    this.#chosen = call?.sessionId;
    return call ?? (this.#namedSid || undefined);
  }

  /** Where nobody has chosen there is something to see all the same: the call on top. */
  #chooseForThem(): void {
    if (this.#chosen !== undefined || this.#namedSid) return;
    const newest = [...this.#store.calls.values()].findLast(({ ended }) => !ended);
    if (!newest) return;
    this.#chosen = newest.sessionId;
    this.#table.choose(this.#chosen);
    this.#mark('charts');
  }

  #choose({ sessionId, callSid }: LiveCall): void {
    this.#chosen = sessionId;
    this.#namedSid = callSid ?? '';
    // Without an entry in the history: the way back leads out of the view.
    history.replaceState(null, '', callSid ? `#now/${callSid}` : '#now');
    this.#mark('charts');
  }

  get #isSettled(): boolean {
    return performance.now() - this.#welcomedAt > SETTLE_MS;
  }

  #showConnection(state: FeedState): void {
    this.#root.classList.toggle('stale', state !== 'live');
  }
}

function emptyState(): HTMLElement {
  const server = new URL('..', location.href).href;
  return element(
    'div',
    { class: 'empty' },
    element('p', { class: 'empty-title' }, 'No calls at the moment'),
    element(
      'p',
      {},
      'Call the number, talk from here with the ',
      element('a', { href: '#softphone' }, 'softphone'),
      ', or place a call from a terminal:',
    ),
    element('p', {}, element('code', {}, `npm run call -- --url ${server} --say FILE.wav`)),
  );
}
