/** One call: its lanes, its transcript, its answers' times, its figures and its sound. */
import type { Api } from './api.ts';
import { isLive, type WholeCallJson } from './call-json.ts';
import { element } from './element.ts';
import { figuresCard } from './figures-card.ts';
import { dayTime, duration, maskedNumber, shortSid } from './format.ts';
import { laneItems } from './lane-items.ts';
import { Lanes } from './lanes.ts';
import type { LiveFeed } from './live-feed.ts';
import { NumbersButton } from './numbers-button.ts';
import { outcomeBadge } from './outcome-badge.ts';
import { RecordingPlayer } from './recording-player.ts';
import { type Timeline, timelineOf } from './timeline.ts';
import { Transcript } from './transcript.ts';
import { transcriptTurns } from './transcript-turns.ts';
import type { PageParts, View } from './view.ts';
import { waterfall } from './waterfall.ts';

/** Between two readings of a call that goes on. */
const REFRESH_MS = 1000;
/** Its summary comes after its end, when the engine has time for it. */
const SUMMARY_MS = 20_000;
const NOT_KEPT = 'Nothing is kept of what happened inside this call.';

export class CallView implements View {
  readonly #parts: PageParts;
  #shown: ShownCall | undefined;

  constructor(parts: PageParts) {
    this.#parts = parts;
  }

  show(main: HTMLElement, argument: string): void {
    this.#shown = new ShownCall(this.#parts, argument, main);
    void this.#shown.read();
  }

  hide(): void {
    this.#shown?.close();
    this.#shown = undefined;
  }
}

class ShownCall {
  readonly #api: Api;
  readonly #feed: LiveFeed;
  readonly #callSid: string;
  readonly #main: HTMLElement;
  readonly #abort = new AbortController();
  readonly #head = element('header', { class: 'view-head' }, backLink(), element('h1', {}, 'Call'));
  readonly #problem = element('p', { class: 'problem', role: 'alert' });
  readonly #silence = element('p', { class: 'soft' });
  readonly #note = element('p', { class: 'soft', hidden: true }, NOT_KEPT);
  readonly #answers = element('div');
  readonly #figures = element('div');
  readonly #lanes: Lanes;
  readonly #transcript: Transcript;
  readonly #player: RecordingPlayer;
  readonly #numbers: NumbersButton;
  #timeline: Timeline | undefined;
  #call: WholeCallJson | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ api, feed }: PageParts, callSid: string, main: HTMLElement) {
    this.#api = api;
    this.#feed = feed;
    this.#callSid = callSid;
    this.#main = main;
    this.#transcript = new Transcript((turn) => this.#select(turn, 'transcript'));
    this.#lanes = new Lanes({
      turnChosen: (turn) => this.#select(turn, 'lanes'),
      momentChosen: (ms) => this.#player.seek(ms - (this.#timeline?.recordingMs ?? 0)),
    });
    this.#player = new RecordingPlayer(api, callSid, {
      moved: (ms, isPlaying) =>
        this.#lanes.playhead(ms + (this.#timeline?.recordingMs ?? 0), isPlaying),
    });
    this.#numbers = new NumbersButton(api, callSid, this.#abort.signal);
    main.append(this.#head, this.#problem);
  }

  /** Once, or each second until all of it is there: the next time only after this one has ended. */
  async read(): Promise<void> {
    const { signal } = this.#abort;
    try {
      const path = `calls/${encodeURIComponent(this.#callSid)}`;
      const call = await this.#api.get<WholeCallJson>(path, signal);
      if (signal.aborted) return;
      this.#problem.textContent = '';
      this.#update(call);
    } catch (error) {
      if (signal.aborted) return;
      this.#problem.textContent = `The call cannot be shown: ${(error as Error).message}`;
    }
    if (this.#isAwaited) this.#timer = setTimeout(() => void this.read(), REFRESH_MS);
  }

  close(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
    this.#lanes.close();
    this.#player.close();
  }

  get #isAwaited(): boolean {
    const { now } = this.#feed;
    if (!this.#call || isLive(this.#call, now)) return this.#call !== undefined;
    const { ended_at, summary } = this.#call;
    return ended_at !== null && summary === null && now - Date.parse(ended_at) < SUMMARY_MS;
  }

  #update(call: WholeCallJson): void {
    const isFirst = this.#call === undefined;
    const { now } = this.#feed;
    const live = isLive(call, now);
    this.#call = call;
    const timeline = timelineOf(call, live ? now : undefined);
    this.#timeline = timeline;
    if (isFirst) this.#lay();
    this.#note.hidden = live || timeline.states.length > 0;
    this.#lanes.element.hidden = !this.#note.hidden;
    // What is still being recorded has no end to be played to.
    this.#player.element.hidden = live || !call.recorded;
    this.#drawHead(call, live);
    this.#lanes.show(timeline, laneItems(timeline, call.conversation));
    this.#silence.hidden = call.conversation.length > 0;
    this.#silence.textContent = live ? 'Nothing has been said yet.' : 'No words are kept of it.';
    this.#transcript.show(transcriptTurns(call, timeline), live);
    this.#drawAside(call, timeline);
  }

  #lay(): void {
    const card = (title: string, ...children: Node[]) =>
      element('section', { class: 'card', 'aria-label': title }, ...children);
    const titled = (title: string, ...children: Node[]) =>
      card(title, element('header', {}, element('h2', {}, title)), ...children);
    const aside = element(
      'div',
      { class: 'call-aside' },
      titled('Response times', this.#answers),
      titled('The call', this.#figures),
    );
    this.#main.append(
      card('Lanes', this.#note, this.#lanes.element, this.#player.element),
      element(
        'div',
        { class: 'call-columns' },
        titled('Transcript', this.#silence, this.#transcript.element),
        aside,
      ),
    );
  }

  #drawHead(call: WholeCallJson, live: boolean): void {
    const began = Date.parse(call.started_at);
    const lengthMs = call.duration_ms ?? (live ? this.#feed.now - began : undefined);
    const facts = [
      call.direction === 'outbound' && 'outbound',
      maskedNumber(call.caller_last4),
      lengthMs !== undefined && duration(lengthMs),
      shortSid(call.call_sid),
    ].filter(Boolean);
    const title = element('h1', {}, `Call of ${dayTime(began)}`);
    this.#head.replaceChildren(
      backLink(),
      title,
      outcomeBadge(call, live),
      element('p', { class: 'soft number', title: call.call_sid }, facts.join('  ·  ')),
      element(
        'div',
        { class: 'view-actions' },
        this.#numbers.element,
        !live && element('a', { class: 'button', href: `#past/${call.call_sid}` }, 'Back in time'),
      ),
    );
  }

  #drawAside(call: WholeCallJson, timeline: Timeline): void {
    const hadFocus = this.#answers.contains(document.activeElement);
    const index = [...this.#answers.querySelectorAll('button.answer')].indexOf(
      document.activeElement as HTMLElement,
    );
    const chosen = (answer: number) => this.#select(this.#turnOf(answer), 'answers');
    this.#answers.replaceChildren(waterfall(timeline.answers, chosen));
    if (hadFocus) this.#answers.querySelectorAll<HTMLElement>('button.answer')[index]?.focus();
    this.#figures.replaceChildren(figuresCard(call));
  }

  /** The agent's turn that this answer began: the first that was heard to its end after that. */
  #turnOf(answer: number): number | undefined {
    const atMs = this.#timeline?.answers[answer]?.atMs;
    if (atMs === undefined) return undefined;
    const index = this.#call?.conversation.findIndex((turn, i) => {
      return turn.speaker === 'agent' && (this.#timeline?.turns[i]?.toMs ?? 0) >= atMs;
    });
    return index === -1 ? undefined : index;
  }

  #select(turn: number | undefined, by: 'transcript' | 'lanes' | 'answers'): void {
    this.#transcript.select(turn, by !== 'transcript');
    this.#lanes.select(turn, by !== 'lanes');
    if (by !== 'lanes') this.#lanes.element.scrollIntoView({ block: 'nearest' });
  }
}

function backLink(): HTMLElement {
  return element('a', { class: 'back', href: '#calls' }, '‹ Calls');
}
