/** Draws the lanes of a call into SVG: axis, bands, bars and points of what is in view. */
import { svg } from './element.ts';
import { LANES, type LaneItem } from './lane-items.ts';
import {
  AXIS_PX,
  GUTTER_PX,
  LANE_NAMES,
  type LaneLayout,
  msPerPx,
  rowBox,
  timeWidth,
  xOf,
} from './lane-layout.ts';
import { envelope, type VoiceWindow } from './voice-windows.ts';
import { axisTicks, type TimeRange } from './zoom.ts';

/** One bar of the envelope with its gap. */
const COLUMN_PX = 3;
const CHARACTER_PX = 6.3;
const SHORTEST_PX = 2;
/** Marks come every 100 ms: from here on they would lie on one another. */
const DENSE_MS_PER_PX = 12;
/** Points that a viewer looks for. */
const HAS_HEAD = /barge-in|timeout|key|failure|cut|overdue/;

export interface Drawn {
  windows: readonly VoiceWindow[];
  items: readonly LaneItem[];
  selected: TimeRange | undefined;
}

export function drawLanes(layout: LaneLayout, { windows, items, selected }: Drawn): SVGElement[] {
  const shown = visible(layout, items);
  return [
    hatch(),
    clip(layout),
    axis(layout),
    svg(
      'g',
      { 'clip-path': 'url(#lane-clip)' },
      selected && selection(layout, selected),
      ...shown.filter(({ lane }) => lane === 'caller').map((item) => bar(layout, item)),
      ...voice(layout, windows),
      ...slivers(
        layout,
        shown.filter((item) => isSliver(layout, item)),
      ),
      ...shown.filter((item) => !isSliver(layout, item)).flatMap((item) => draw(layout, item)),
    ),
    names(layout),
  ];
}

/** A ring around what is pointed at, and a line through all lanes at that moment. */
export function drawPointer(
  layout: LaneLayout,
  item: LaneItem | undefined,
  atMs: number | undefined,
): SVGElement[] {
  const parts: SVGElement[] = [];
  if (atMs !== undefined) {
    const d = `M${px(xOf(layout, atMs))} ${AXIS_PX - 4}V${layout.height}`;
    parts.push(svg('path', { class: 'lane-cursor', d }));
  }
  if (!item) return parts;
  const { y, height } = rowBox(layout, item);
  const x = Math.max(GUTTER_PX - 4, xOf(layout, item.fromMs) - 2);
  const width = Math.min(layout.width, xOf(layout, item.toMs) + 1) - x;
  const place = { x: px(x), y: y - 2, width: px(Math.max(4, width)), height: height + 4, rx: 5 };
  if (width > 0) parts.push(svg('rect', { class: 'lane-ring', ...place }));
  return parts;
}

/** What lies in view; of what would be drawn upon itself, one. */
function visible(layout: LaneLayout, items: readonly LaneItem[]): LaneItem[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    if (item.toMs < layout.range.fromMs || item.fromMs > layout.range.toMs) return false;
    const [from, to] = [Math.round(xOf(layout, item.fromMs)), Math.round(xOf(layout, item.toMs))];
    const place = `${item.lane} ${item.row} ${item.kind} ${from} ${to}`;
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}

function draw(layout: LaneLayout, item: LaneItem): SVGElement[] {
  if (item.lane === 'caller') return [];
  if (item.lane === 'marks') return [mark(layout, item)];
  if (item.fromMs === item.toMs) return [point(layout, item)];
  const drawn: SVGElement[] = [bar(layout, item)];
  if (item.kind.includes('speculative')) drawn.push(bar(layout, item, 'url(#lane-hatch)'));
  const label = item.label && labelOf(layout, item, item.label);
  if (label) drawn.push(label);
  return drawn;
}

function bar(layout: LaneLayout, item: LaneItem, fill?: string): SVGElement {
  const { y, height } = rowBox(layout, item);
  const x = xOf(layout, item.fromMs);
  // A hairline between bars that touch.
  const width = Math.max(SHORTEST_PX, xOf(layout, item.toMs) - x - 1);
  const look = fill === undefined ? { class: `lane-bar ${item.kind}` } : { fill };
  return svg('rect', {
    ...look,
    x: px(x),
    y,
    width: px(width),
    height,
    rx: Math.min(4, width / 2),
  });
}

function labelOf(layout: LaneLayout, item: LaneItem, label: string): SVGElement | undefined {
  const from = Math.max(GUTTER_PX, xOf(layout, item.fromMs));
  const to = Math.min(layout.width, xOf(layout, item.toMs));
  if (to - from < label.length * CHARACTER_PX + 12) return undefined;
  const { y, height } = rowBox(layout, item);
  const place = { x: px(from + 6), y: y + height / 2, 'dominant-baseline': 'central' };
  return svg('text', { class: `lane-label ${item.kind}`, ...place }, label);
}

function point(layout: LaneLayout, item: LaneItem): SVGElement {
  const { y, height } = rowBox(layout, item);
  const x = px(xOf(layout, item.fromMs));
  const line = svg('path', { class: `lane-line ${item.kind}`, d: `M${x} ${y}V${y + height}` });
  const head = { class: `lane-head ${item.kind}`, cx: x, cy: y + 3.5, r: 3.5 };
  return svg('g', {}, line, svg('circle', head));
}

/** Hollow where it was sent, filled where it came back. */
function mark(layout: LaneLayout, item: LaneItem): SVGElement {
  const { y, height } = rowBox(layout, item);
  const middle = y + height / 2;
  const [from, to] = [px(xOf(layout, item.fromMs)), px(xOf(layout, item.toMs))];
  return svg(
    'g',
    { class: `lane-mark ${item.kind}` },
    svg('path', { d: `M${from} ${middle}H${to}` }),
    svg('circle', { class: 'sent', cx: from, cy: middle, r: 2.5 }),
    from !== to && svg('circle', { class: 'echoed', cx: to, cy: middle, r: 3 }),
  );
}

/** From afar marks would lie on one another: of each it is told only when it came back, or not. */
function isDense(layout: LaneLayout): boolean {
  return msPerPx(layout) > DENSE_MS_PER_PX;
}

/** Too narrow to have a look of its own: one path draws all that look the same. */
function isSliver(layout: LaneLayout, item: LaneItem): boolean {
  if (item.lane === 'marks') return isDense(layout);
  if (item.fromMs === item.toMs) return !HAS_HEAD.test(item.kind);
  return item.toMs - item.fromMs < SHORTEST_PX * msPerPx(layout);
}

function slivers(layout: LaneLayout, items: readonly LaneItem[]): SVGElement[] {
  const paths = new Map<string, string>();
  for (const item of items) {
    const { y, height } = rowBox(layout, item);
    const isBar = item.lane !== 'marks' && item.fromMs !== item.toMs;
    const x = px(xOf(layout, item.toMs));
    const look = isBar ? 'lane-bar' : item.lane === 'marks' ? 'lane-echo' : 'lane-line';
    const d = isBar
      ? `M${x} ${y}h-${SHORTEST_PX}v${height}h${SHORTEST_PX}z`
      : `M${x} ${y}v${height}`;
    const kind = `${look} ${item.kind}`;
    paths.set(kind, (paths.get(kind) ?? '') + d);
  }
  return [...paths].map(([kind, d]) => svg('path', { class: kind, d }));
}

/** The caller's level, mirrored; voice in colour. */
function voice(layout: LaneLayout, windows: readonly VoiceWindow[]): SVGElement[] {
  const columns = Math.floor(timeWidth(layout) / COLUMN_PX);
  const { y, height } = rowBox(layout, { lane: 'caller', row: 0 });
  const paths = { voiced: '', quiet: '' };
  for (const [i, column] of envelope(windows, layout.range, columns).entries()) {
    if (!column) continue;
    const half = Math.max(0.75, (column.level * height) / 2);
    const x = px(GUTTER_PX + (i + 0.5) * (timeWidth(layout) / columns));
    const d = `M${x} ${px(y + height / 2 - half)}V${px(y + height / 2 + half)}`;
    paths[column.isVoiced ? 'voiced' : 'quiet'] += d;
  }
  return Object.entries(paths).map(([kind, d]) => svg('path', { class: `lane-level ${kind}`, d }));
}

function axis(layout: LaneLayout): SVGElement {
  const ticks = axisTicks(layout.range, timeWidth(layout)).map(({ atMs, label }) => {
    const x = px(xOf(layout, atMs));
    const line = svg('path', { d: `M${x} ${AXIS_PX - 6}V${layout.height}` });
    // The last one must not reach out of the picture.
    const middle = Math.min(x, layout.width - (label.length * CHARACTER_PX) / 2);
    return svg('g', {}, line, svg('text', { x: middle, y: 13 }, label));
  });
  return svg('g', { class: 'lane-axis' }, ...ticks);
}

function names(layout: LaneLayout): SVGElement {
  const texts = LANES.map((lane) => {
    const { y, height } = layout.lanes[lane];
    const place = { x: 0, y: y + height / 2, 'dominant-baseline': 'central' };
    return svg('text', place, LANE_NAMES[lane]);
  });
  return svg('g', { class: 'lane-names', 'aria-hidden': 'true' }, ...texts);
}

function selection(layout: LaneLayout, { fromMs, toMs }: TimeRange): SVGElement {
  const x = xOf(layout, fromMs);
  const width = Math.max(SHORTEST_PX, xOf(layout, toMs) - x);
  const place = { x: px(x), y: AXIS_PX - 4, width: px(width), height: layout.height - AXIS_PX };
  return svg('rect', { class: 'lane-selection', ...place, rx: 4 });
}

function clip(layout: LaneLayout): SVGElement {
  const place = { x: GUTTER_PX - 4, y: 0, width: layout.width - GUTTER_PX + 4 };
  const room = svg('rect', { ...place, height: layout.height });
  return svg('clipPath', { id: 'lane-clip' }, room);
}

function hatch(): SVGElement {
  const size = { width: 6, height: 6, patternUnits: 'userSpaceOnUse' };
  const lines = svg('path', { class: 'lane-hatch', d: 'M0 0V6' });
  return svg('pattern', { id: 'lane-hatch', ...size, patternTransform: 'rotate(45)' }, lines);
}

/** A tenth of a pixel is enough. */
function px(value: number): number {
  return Math.round(value * 10) / 10;
}
