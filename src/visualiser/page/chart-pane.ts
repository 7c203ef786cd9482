/** A drawing in a frame that scrolls: whole, as wide as the frame, or nearer. */
import type { Chart } from './chart.ts';
import { element } from './element.ts';

const STEP = 1.25;
const NEAREST = 3;
const FARTHEST = 0.2;
/** A lit state nearer to the edge than this share of the frame is brought to the middle. */
const EDGE = 0.08;

/** Keys by which browsers scroll. */
const MOVES = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown']);

/** Pixels for one unit of the drawing; or what decides it whenever the frame changes. */
type Zoom = number | 'whole' | 'width';

export class ChartPane {
  readonly element: HTMLElement;
  /** Buttons for the zoom, to be put where there is room. */
  readonly controls: HTMLElement;
  readonly #frame: HTMLElement;
  readonly #whole: HTMLButtonElement;
  readonly #follow: HTMLButtonElement;
  readonly #sizes = new ResizeObserver(() => this.#fit());
  #chart: Chart | undefined;
  #zoom: Zoom = 'width';
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

  set zoom(zoom: 'whole' | 'width') {
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
    drawing.style.width = `${Math.floor(width * this.#scaleFor(width, height))}px`;
    this.#whole.setAttribute('aria-pressed', String(this.#zoom === 'whole'));
    this.#bringIntoSight(false);
  }

  #scaleFor(width: number, height: number): number {
    if (typeof this.#zoom === 'number') return this.#zoom;
    const byWidth = this.#frame.clientWidth / width;
    if (this.#zoom === 'width') return Math.min(1, byWidth);
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
    this.#zoom = this.#zoom === 'whole' ? 'width' : 'whole';
    this.#fit();
  }

  #setFollowing(isFollowing: boolean): void {
    this.#isFollowing = isFollowing;
    this.#follow.setAttribute('aria-pressed', String(isFollowing));
    this.#bringIntoSight(true);
  }

  #bringIntoSight(smoothly: boolean): void {
    if (!this.#isFollowing || this.#followed === undefined || this.#zoom === 'whole') return;
    const state = this.#chart?.stateOf(this.#followed)?.getBoundingClientRect();
    if (!state) return;
    const frame = this.#frame.getBoundingClientRect();
    const [marginX, marginY] = [frame.width * EDGE, frame.height * EDGE];
    const isInSight =
      state.left >= frame.left + marginX &&
      state.right <= frame.right - marginX &&
      state.top >= frame.top + marginY &&
      state.bottom <= frame.bottom - marginY;
    if (isInSight) return;
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#frame.scrollBy({
      left: (state.left + state.right - frame.left - frame.right) / 2,
      top: (state.top + state.bottom - frame.top - frame.bottom) / 2,
      behavior: smoothly && !isStill ? 'smooth' : 'instant',
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
