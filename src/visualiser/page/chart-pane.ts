/** A drawing in a frame that scrolls: whole, as wide as the frame, or nearer. */
import type { Chart } from './chart.ts';
import { element } from './element.ts';

const STEP = 1.25;
const NEAREST = 3;
const FARTHEST = 0.2;
/** Below it names cannot be read. */
const READABLE = 0.55;
/** A drawing that is too wide to be read as a whole is shown so near. */
const NEAR = 0.75;
/** What is followed keeps this distance from the frame's edge, in pixels. */
const EDGE = 10;

/** Keys by which browsers scroll. */
const MOVES = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown']);

/** Pixels for one unit of the drawing; or what decides it whenever the frame changes. */
type Zoom = number | 'whole' | 'readable';

export class ChartPane {
  readonly element: HTMLElement;
  /** Buttons for the zoom, to be put where there is room. */
  readonly controls: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #whole: HTMLButtonElement;
  readonly #follow: HTMLButtonElement;
  readonly #sizes = new ResizeObserver(() => this.#fit());
  #chart: Chart | undefined;
  #zoom: Zoom = 'readable';
  #followed: string | undefined;
  /** Until somebody looks elsewhere. */
  #isFollowing = true;

  /** @param name what the drawing is, for those who cannot see it */
  constructor(name: string) {
    this.#frame = element('div', {
      class: 'chart-frame',
      tabindex: 0,
      role: 'group',
      'aria-label': `${name}. Arrow keys move it, plus and minus change its size, zero shows all.`,
      on: {
        keydown: (event) => this.#press(event as KeyboardEvent),
        pointerdown: (event) => this.#drag(event as PointerEvent),
        touchmove: () => this.#setFollowing(false),
      },
    });
    this.#frame.addEventListener('wheel', (event) => this.#roll(event), { passive: false });
    const follow = () => this.#setFollowing(!this.#isFollowing);
    this.#follow = this.#button('Follow', 'Keep the active state in sight', follow);
    this.#whole = this.#button('Whole', 'Show the whole chart', () => this.#toggleWhole());
    this.controls = element(
      'div',
      { class: 'segments', role: 'group', 'aria-label': 'What is seen of the chart' },
      this.#follow,
      this.#button('−', 'Smaller', () => this.#scale(1 / STEP)),
      this.#button('+', 'Larger', () => this.#scale(STEP)),
      this.#whole,
    );
    this.element = element('div', { class: 'chart-pane' }, this.#frame);
    this.#setFollowing(true);
  }

  show(chart: Chart): void {
    this.#chart = chart;
    this.#frame.replaceChildren(chart.element);
    this.#sizes.observe(this.#frame);
    this.#fit();
  }

  set zoom(zoom: 'whole' | 'readable') {
    this.#zoom = zoom;
    this.#fit();
  }

  /** Keeps this state in sight, unless somebody has moved the drawing. Undefined: none. */
  follow(path: string | undefined): void {
    this.#followed = path;
    this.#bringIntoSight(true);
  }

  #button(text: string, label: string, press: () => void): HTMLButtonElement {
    const attributes = { type: 'button', title: label, 'aria-label': label, on: { click: press } };
    return element('button', attributes, text);
  }

  #fit(): void {
    const drawing = this.#chart?.element;
    // Out of sight it has no size, and keeps the one that it had.
    if (!drawing || this.#frame.clientWidth === 0) return;
    const { width, height } = drawing.viewBox.baseVal;
    const scale = this.#scaleFor(width, height);
    drawing.style.width = `${Math.floor(width * scale)}px`;
    this.#frame.classList.toggle('far', scale < READABLE);
    this.#whole.setAttribute('aria-pressed', String(this.#zoom === 'whole'));
    this.#bringIntoSight(false);
  }

  #scaleFor(width: number, height: number): number {
    if (typeof this.#zoom === 'number') return this.#zoom;
    const byWidth = this.#frame.clientWidth / width;
    if (this.#zoom === 'readable') return byWidth < READABLE ? NEAR : Math.min(1, byWidth);
    return Math.min(1, byWidth, this.#frame.clientHeight / height);
  }

  /** @param at what stays where it is, in pixels of the frame; without it the middle does */
  #scale(by: number, at?: { x: number; y: number }): void {
    const drawing = this.#chart?.element;
    if (!drawing) return;
    const frame = this.#frame;
    const { x, y } = at ?? { x: frame.clientWidth / 2, y: frame.clientHeight / 2 };
    const { width, height } = drawing.viewBox.baseVal;
    const before = this.#scaleFor(width, height);
    const zoom = Math.min(NEAREST, Math.max(FARTHEST, before * by));
    const [left, top] = [frame.scrollLeft + x, frame.scrollTop + y];
    this.#zoom = zoom;
    this.#setFollowing(false);
    this.#fit();
    frame.scrollTo((left * zoom) / before - x, (top * zoom) / before - y);
  }

  #toggleWhole(): void {
    this.#zoom = this.#zoom === 'whole' ? 'readable' : 'whole';
    this.#fit();
  }

  #setFollowing(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
    this.#follow.setAttribute('aria-pressed', String(isFollowing));
    this.#bringIntoSight(true);
  }

  #bringIntoSight(smoothly: boolean): void {
    if (!this.#isFollowing || this.#followed === undefined || this.#zoom === 'whole') return;
    const frame = this.#frame.getBoundingClientRect();
    const boxes = this.#boxesOf(this.#followed);
    const left = wayTo(
      boxes.map((box) => [box.left, box.right]),
      [frame.left, frame.right],
    );
    const top = wayTo(
      boxes.map((box) => [box.top, box.bottom]),
      [frame.top, frame.bottom],
    );
    if (left === 0 && top === 0) return;
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#frame.scrollBy({ left, top, behavior: smoothly && !isStill ? 'smooth' : 'instant' });
  }

  /** Where a state and those around it are, the outermost first. */
  #boxesOf(path: string): DOMRect[] {
    const names = path.split('.');
    return names.flatMap((_, index) => {
      const state = this.#chart?.stateOf(names.slice(0, index + 1).join('.'));
      return state ? [state.getBoundingClientRect()] : [];
    });
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '+' || event.key === '=') this.#scale(STEP);
    else if (event.key === '-') this.#scale(1 / STEP);
    else if (event.key === '0') this.#toggleWhole();
    else {
      if (MOVES.has(event.key)) this.#setFollowing(false);
      return;
    }
    event.preventDefault();
  }

  /** A wheel alone scrolls; with the key that browsers use for it, it changes the size. */
  #roll(event: WheelEvent): void {
    if (!event.ctrlKey && !event.metaKey) {
      this.#setFollowing(false);
      return;
    }
    event.preventDefault();
    const { left, top } = this.#frame.getBoundingClientRect();
    const at = { x: event.clientX - left, y: event.clientY - top };
    this.#scale(event.deltaY < 0 ? STEP : 1 / STEP, at);
  }

  /** Fingers scroll by themselves. */
  #drag(event: PointerEvent): void {
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    const frame = this.#frame;
    this.#setFollowing(false);
    const start = { x: event.clientX + frame.scrollLeft, y: event.clientY + frame.scrollTop };
    const move = (moved: PointerEvent) =>
      frame.scrollTo(start.x - moved.clientX, start.y - moved.clientY);
    const end = () => {
      frame.classList.remove('dragged');
      frame.removeEventListener('pointermove', move);
    };
    frame.setPointerCapture(event.pointerId);
    frame.classList.add('dragged');
    frame.addEventListener('pointermove', move);
    frame.addEventListener('lostpointercapture', end, { once: true });
  }
}

type Span = readonly [from: number, to: number];

/** How far to scroll until the largest of the spans that has room is within the frame. */
function wayTo(spans: readonly Span[], [from, to]: Span): number {
  const room = to - from - 2 * EDGE;
  const span = spans.find(([start, end]) => end - start <= room) ?? spans.at(-1);
  if (!span) return 0;
  const isInSight = span[0] >= from + EDGE && span[1] <= to - EDGE;
  return isInSight ? 0 : (span[0] + span[1] - from - to) / 2;
}
