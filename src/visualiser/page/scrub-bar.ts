/** The slider over a finished call, with the states behind it; step, play, speed. */
import { element, svg } from './element.ts';
import { exactTime } from './exact-time.ts';
import { duration } from './format.ts';
import { advanced, type Moment, positionAt, type ScrubPosition, SPEEDS, stepped } from './scrub.ts';
import { stateKind } from './state-kind.ts';
import { eventName, stateLine, stateName } from './state-name.ts';
import type { TimeRange } from './zoom.ts';

const PAGE_MS = 10_000;

export class ScrubBar {
  readonly element: HTMLElement;
  readonly #onMoved: (position: ScrubPosition, isPlaying: boolean) => void;
  readonly #slider: HTMLInputElement;
  readonly #strip = svg('svg', { class: 'scrub-strip', 'aria-hidden': 'true' });
  readonly #play: HTMLButtonElement;
  readonly #clock = element('span', { class: 'scrub-clock number' });
  readonly #speed: HTMLSelectElement;
  readonly #skips: HTMLInputElement;
  readonly #keys = (event: KeyboardEvent) => this.#press(event);
  #moments: readonly Moment[] = [];
  #position: ScrubPosition = { index: 0, at: 0 };
  #isPlaying = false;
  #frame = 0;

  /** @param onMoved after each change; of a playing call with each frame */
  constructor(onMoved: (position: ScrubPosition, isPlaying: boolean) => void) {
    this.#onMoved = onMoved;
    const button = (label: string, text: string, act: () => void) =>
      element(
        'button',
        { type: 'button', 'aria-label': label, title: label, on: { click: act } },
        text,
      );
    this.#slider = element('input', {
      type: 'range',
      min: 0,
      step: 1,
      'aria-label': 'Moment of the call',
      on: { input: () => this.#slid() },
    });
    this.#play = button('Play', '▶', () => this.#toggle());
    this.#play.classList.add('primary');
    const speeds = SPEEDS.map((speed) => element('option', { value: speed }, `${speed}×`));
    this.#speed = element('select', {}, ...speeds);
    this.#skips = element('input', { type: 'checkbox', checked: true });
    this.element = element(
      'section',
      { class: 'card scrub', 'aria-label': 'Time' },
      element('div', { class: 'scrub-track' }, this.#strip, this.#slider),
      element(
        'div',
        { class: 'scrub-buttons' },
        button('To the beginning', '«', () => this.#step(Number.NEGATIVE_INFINITY)),
        button('One step back', '‹', () => this.#step(-1)),
        this.#play,
        button('One step on', '›', () => this.#step(1)),
        button('To the end', '»', () => this.#step(Number.POSITIVE_INFINITY)),
        this.#clock,
        element('label', {}, 'Speed ', this.#speed),
        element('label', { class: 'check' }, this.#skips, ' Skip gaps'),
        element('span', { class: 'soft small keys' }, '← → step, space plays'),
      ),
    );
    document.addEventListener('keydown', this.#keys);
  }

  /** @param turns when each turn was said, ms from the first moment */
  show(moments: readonly Moment[], turns: readonly (TimeRange | undefined)[]): void {
    this.#moments = moments;
    this.#slider.max = String(this.#lengthMs);
    this.#drawStrip(turns);
  }

  goTo(index: number): void {
    this.#pause();
    this.#become(stepped(this.#moments, { index, at: 0 }, 0));
  }

  close(): void {
    this.#pause();
    document.removeEventListener('keydown', this.#keys);
  }

  get #startedAt(): number {
    return this.#moments[0]?.at ?? 0;
  }

  get #lengthMs(): number {
    return (this.#moments.at(-1)?.at ?? 0) - this.#startedAt;
  }

  #step(by: number): void {
    this.#pause();
    this.#become(stepped(this.#moments, this.#position, by));
  }

  #slid(): void {
    this.#pause();
    this.#become(positionAt(this.#moments, this.#startedAt + Number(this.#slider.value)));
  }

  #become(position: ScrubPosition): void {
    this.#position = position;
    const ms = position.at - this.#startedAt;
    this.#slider.value = String(ms);
    const { path = '', event = '' } = this.#moments[position.index] ?? {};
    const told = `${exactTime(ms)}, ${stateLine(path)}, after ${eventName(event)}`;
    this.#slider.setAttribute('aria-valuetext', told);
    this.#clock.textContent = `${exactTime(ms)} / ${duration(this.#lengthMs)}`;
    this.#onMoved(position, this.#isPlaying);
  }

  #toggle(): void {
    if (this.#isPlaying) {
      this.#pause();
      this.#become(this.#position);
      return;
    }
    const isOver = this.#position.index === this.#moments.length - 1;
    if (isOver) this.#position = stepped(this.#moments, this.#position, Number.NEGATIVE_INFINITY);
    this.#setPlaying(true);
    this.#run(performance.now());
  }

  #run(then: number): void {
    this.#frame = requestAnimationFrame((now) => {
      const options = { speed: Number(this.#speed.value), skipsGaps: this.#skips.checked };
      const elapsedMs = Math.max(0, now - then);
      const next = advanced(this.#moments, this.#position, elapsedMs, options);
      if (next.index === this.#moments.length - 1) this.#pause();
      this.#become(next);
      if (this.#isPlaying) this.#run(now);
    });
  }

  #pause(): void {
    cancelAnimationFrame(this.#frame);
    if (this.#isPlaying) this.#setPlaying(false);
  }

  #setPlaying(isPlaying: boolean): void {
    this.#isPlaying = isPlaying;
    const label = isPlaying ? 'Pause' : 'Play';
    this.#play.textContent = isPlaying ? '❚❚' : '▶';
    this.#play.title = label;
    this.#play.setAttribute('aria-label', label);
  }

  /** Arrow keys and space work wherever the viewer is, but where they mean something else. */
  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target as HTMLElement;
    const isSlider = target === this.#slider;
    if (!isSlider && target.closest('input, select, textarea, summary, .chart-frame, dialog'))
      return;
    if (event.key === ' ' && target.closest('button, a')) return;
    const page = (by: number) => () => {
      this.#pause();
      this.#become(positionAt(this.#moments, this.#position.at + by));
    };
    const acts: Readonly<Record<string, (() => void) | undefined>> = {
      ArrowRight: () => this.#step(1),
      ArrowLeft: () => this.#step(-1),
      ' ': () => this.#toggle(),
      ...(isSlider && {
        ArrowUp: () => this.#step(1),
        ArrowDown: () => this.#step(-1),
        PageUp: page(PAGE_MS),
        PageDown: page(-PAGE_MS),
        Home: () => this.#step(Number.NEGATIVE_INFINITY),
        End: () => this.#step(Number.POSITIVE_INFINITY),
      }),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** States as bands, and a tick for each event; shares of the width, so that it may change. */
  #drawStrip(turns: readonly (TimeRange | undefined)[]): void {
    const share = (ms: number) => `${(ms / Math.max(1, this.#lengthMs)) * 100}%`;
    const bands = this.#moments.flatMap(({ path, at }, i) => {
      const nextAt = this.#moments[i + 1]?.at ?? at;
      if (nextAt <= at) return [];
      const place = { x: share(at - this.#startedAt), width: share(nextAt - at), y: 0, height: 16 };
      const band = svg('rect', { class: `lane-bar state ${stateKind(path)}`, ...place });
      band.append(svg('title', {}, stateName(path).name));
      return [band];
    });
    const said = turns.flatMap((span) => {
      if (!span) return [];
      const place = { x: share(span.fromMs), width: share(span.toMs - span.fromMs) };
      return [svg('rect', { class: 'scrub-turn', ...place, y: 18, height: 3, rx: 1.5 })];
    });
    this.#strip.replaceChildren(...bands, ...said);
  }
}
