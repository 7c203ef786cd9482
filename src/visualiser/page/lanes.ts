/** The lanes of one call: drawn anew for what is in view, moved and zoomed by pointer and keys. */
import { element, setText, svg } from './element.ts';
import { exactTime } from './exact-time.ts';
import { across, along, found, type LaneCursor } from './lane-cursor.ts';
import { drawLanes, drawPointer } from './lane-drawing.ts';
import type { LaneItem } from './lane-items.ts';
import {
  AXIS_PX,
  GUTTER_PX,
  itemAt,
  LANE_NAMES,
  type LaneLayout,
  laneAt,
  laneLayout,
  msAt,
  msPerPx,
  xOf,
} from './lane-layout.ts';
import type { Timeline } from './timeline.ts';
import { fit, focusedOn, including, moved, type TimeRange, zoomed } from './zoom.ts';

/** A pointer that moves less is a click. */
const CLICK_PX = 4;
const ZOOM_STEP = 0.6;
const HINT =
  'Arrow keys go from one to the next, + and − zoom, 0 shows all. Drag to move; the wheel zooms ' +
  'once the lanes are clicked.';

export interface LanesEvents {
  /** A turn was chosen by its sound, or (undefined) none. */
  turnChosen(turn: number | undefined): void;
  /** A moment was clicked, ms from the call's beginning. */
  momentChosen(ms: number): void;
}

export class Lanes {
  readonly element: HTMLElement;
  readonly #events: LanesEvents;
  readonly #picture = svg('svg', { class: 'lanes-picture', 'aria-hidden': 'true' });
  readonly #content = svg('g');
  readonly #overlay = svg('g', { class: 'lanes-overlay' });
  readonly #playhead = svg('path', { class: 'lane-playhead' });
  readonly #stage: HTMLElement;
  readonly #readout = element('p', { class: 'readout', role: 'status' }, HINT);
  readonly #resized = new ResizeObserver(() => this.#draw());
  #timeline: Timeline | undefined;
  #items: readonly LaneItem[] = [];
  #range: TimeRange = fit(0);
  /** The viewer has not moved it: it grows with the call. */
  #isWhole = true;
  #layout: LaneLayout = laneLayout(0, this.#range);
  #selected: number | undefined;
  #playheadMs: number | undefined;
  /** What the keys have come to. */
  #current: LaneCursor = { lane: 'states', item: undefined };
  #drag: { x: number; range: TimeRange; isMove: boolean } | undefined;
  #frame = 0;

  constructor(events: LanesEvents) {
    this.#events = events;
    this.#picture.append(this.#content, this.#overlay, this.#playhead);
    this.#stage = element(
      'div',
      {
        class: 'lanes-stage',
        tabindex: 0,
        role: 'application',
        'aria-label': 'Lanes of the call',
        'aria-roledescription': 'timeline',
        on: {
          keydown: (event) => this.#press(event as KeyboardEvent),
          wheel: (event) => this.#wheel(event as WheelEvent),
          pointerdown: (event) => this.#grab(event as PointerEvent),
          pointermove: (event) => this.#point(event as PointerEvent),
          pointerup: (event) => this.#release(event as PointerEvent),
          pointercancel: () => this.#letGo(),
          pointerleave: () => this.#leave(),
        },
      },
      this.#picture,
    );
    const button = (label: string, text: string, act: () => void) =>
      element('button', { type: 'button', 'aria-label': label, on: { click: act } }, text);
    const buttons = element(
      'div',
      { class: 'lanes-buttons' },
      button('Zoom out', '−', () => this.#zoom(1 / ZOOM_STEP)),
      button('Zoom in', '+', () => this.#zoom(ZOOM_STEP)),
      button('Show the whole call', 'All', () => this.#showAll()),
    );
    const foot = element('div', { class: 'lanes-foot' }, this.#readout, buttons);
    this.element = element('div', { class: 'call-lanes' }, this.#stage, foot);
    this.#resized.observe(this.#stage);
  }

  show(timeline: Timeline, items: readonly LaneItem[]): void {
    this.#timeline = timeline;
    this.#items = items;
    this.#current = found(items, this.#current);
    if (this.#isWhole) this.#range = fit(timeline.endMs);
    this.#draw();
  }

  /** Marks a turn; it comes into view, near enough to be read. */
  select(turn: number | undefined, bringsIntoView: boolean): void {
    this.#selected = turn;
    const span = this.#spanOf(turn);
    if (span && bringsIntoView) this.#show(focusedOn(span, this.#endMs));
    else this.#draw();
  }

  /** @param ms undefined: nothing is played */
  playhead(ms: number | undefined, follows: boolean): void {
    this.#playheadMs = ms;
    if (ms !== undefined && follows && !this.#isWhole) {
      const range = including(this.#range, ms, this.#endMs);
      if (range !== this.#range) this.#show(range);
    }
    this.#movePlayhead();
  }

  close(): void {
    this.#resized.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  get #endMs(): number {
    return this.#timeline?.endMs ?? 0;
  }

  #spanOf(turn: number | undefined): TimeRange | undefined {
    return turn === undefined ? undefined : this.#timeline?.turns[turn];
  }

  #show(range: TimeRange): void {
    this.#range = range;
    const whole = fit(this.#endMs);
    this.#isWhole = range.fromMs <= whole.fromMs && range.toMs >= whole.toMs;
    this.#draw();
  }

  #showAll(): void {
    this.#show(fit(this.#endMs));
  }

  #zoom(factor: number, aroundMs = this.#middle()): void {
    this.#show(zoomed(this.#range, factor, aroundMs, this.#endMs));
  }

  /** What the viewer looks at: the item that the keys have come to, or the middle. */
  #middle(): number {
    const { fromMs, toMs } = this.#range;
    const at = this.#current.item?.fromMs;
    return at !== undefined && at >= fromMs && at <= toMs ? at : (fromMs + toMs) / 2;
  }

  /** Once a frame, however often the view changes. */
  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      const width = this.#stage.clientWidth;
      if (!this.#timeline || width === 0) return;
      this.#layout = laneLayout(width, this.#range, this.#items);
      this.#picture.setAttribute('height', String(this.#layout.height));
      this.#content.replaceChildren(
        ...drawLanes(this.#layout, {
          windows: this.#timeline.windows,
          items: this.#items,
          selected: this.#spanOf(this.#selected),
        }),
      );
      this.#ring(this.#current.item);
      this.#movePlayhead();
    });
  }

  #movePlayhead(): void {
    const ms = this.#playheadMs;
    const x = ms === undefined ? -1 : xOf(this.#layout, ms);
    const isShown = x >= GUTTER_PX && x <= this.#layout.width;
    this.#playhead.setAttribute('d', isShown ? `M${x} ${AXIS_PX - 6}V${this.#layout.height}` : '');
  }

  #ring(item: LaneItem | undefined, atMs?: number): void {
    this.#overlay.replaceChildren(...drawPointer(this.#layout, item, atMs));
  }

  #tell(text: string): void {
    setText(this.#readout, text);
  }

  #wheel(event: WheelEvent): void {
    const isOurs = event.ctrlKey || event.metaKey || this.#stage === document.activeElement;
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      event.preventDefault();
      this.#show(moved(this.#range, sideways * msPerPx(this.#layout), this.#endMs));
    } else if (isOurs) {
      event.preventDefault();
      this.#zoom(2 ** (event.deltaY / 300), msAt(this.#layout, this.#xyOf(event).x));
    }
  }

  #xyOf(event: MouseEvent): { x: number; y: number } {
    const { left, top } = this.#picture.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #grab(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#drag = { x: event.clientX, range: this.#range, isMove: false };
    this.#stage.setPointerCapture(event.pointerId);
  }

  #point(event: PointerEvent): void {
    if (this.#drag) {
      const byPx = this.#drag.x - event.clientX;
      this.#drag.isMove ||= Math.abs(byPx) >= CLICK_PX;
      if (!this.#drag.isMove) return;
      this.#stage.classList.add('moving');
      this.#show(moved(this.#drag.range, byPx * msPerPx(this.#layout), this.#endMs));
      return;
    }
    const { x, y } = this.#xyOf(event);
    if (x < GUTTER_PX) {
      this.#leave();
      return;
    }
    const item = itemAt(this.#layout, this.#items, x, y);
    const ms = msAt(this.#layout, x);
    this.#ring(item, ms);
    this.#tell(item ? item.text : `${LANE_NAMES[laneAt(this.#layout, y)]} at ${exactTime(ms)}`);
  }

  #release(event: PointerEvent): void {
    const wasMove = this.#drag?.isMove ?? true;
    this.#letGo();
    if (wasMove) return;
    const { x, y } = this.#xyOf(event);
    if (x < GUTTER_PX) return;
    const item = itemAt(this.#layout, this.#items, x, y);
    this.#current = { lane: laneAt(this.#layout, y), item };
    this.#events.turnChosen(item?.turn);
    this.#events.momentChosen(msAt(this.#layout, x));
  }

  #letGo(): void {
    this.#drag = undefined;
    this.#stage.classList.remove('moving');
  }

  #leave(): void {
    if (this.#drag) return;
    this.#ring(this.#current.item);
    this.#tell(this.#current.item?.text ?? HINT);
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = (share: number) => (this.#range.toMs - this.#range.fromMs) * share;
    const acts: Readonly<Record<string, () => void>> = {
      '+': () => this.#zoom(ZOOM_STEP),
      '=': () => this.#zoom(ZOOM_STEP),
      '-': () => this.#zoom(1 / ZOOM_STEP),
      '0': () => this.#showAll(),
      PageUp: () => this.#show(moved(this.#range, by(-0.8), this.#endMs)),
      PageDown: () => this.#show(moved(this.#range, by(0.8), this.#endMs)),
      Home: () => this.#show(moved(this.#range, -this.#endMs, this.#endMs)),
      End: () => this.#show(moved(this.#range, this.#endMs, this.#endMs)),
      ArrowLeft: () => this.#goTo(along(this.#items, this.#current, -1)),
      ArrowRight: () => this.#goTo(along(this.#items, this.#current, 1)),
      ArrowUp: () => this.#goTo(across(this.#items, this.#current, -1, this.#middle())),
      ArrowDown: () => this.#goTo(across(this.#items, this.#current, 1, this.#middle())),
      Enter: () => this.#chooseCurrent(),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #goTo(cursor: LaneCursor): void {
    this.#current = cursor;
    const { lane, item } = cursor;
    this.#tell(`${LANE_NAMES[lane]}: ${item ? item.text : 'nothing'}`);
    if (item) this.#show(including(this.#range, item.fromMs, this.#endMs));
    else this.#draw();
  }

  #chooseCurrent(): void {
    const { item } = this.#current;
    if (!item) return;
    this.#events.turnChosen(item.turn);
    this.#events.momentChosen(item.fromMs);
  }
}
