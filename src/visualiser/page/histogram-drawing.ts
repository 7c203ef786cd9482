/** A large histogram, with marks for the median, the 95th percentile and a limit. */
import type { AnalysedStage } from './analysis-json.ts';
import { svg } from './element.ts';
import { milliseconds, percent } from './format.ts';
import type { HistogramBar, HistogramBars } from './histogram.ts';
import { type PlotArea, valueTicks } from './plot-scale.ts';

export interface HistogramDrawingOptions {
  width: number;
  stage: AnalysedStage;
  p50: number | null;
  p95: number | null;
  limitMs: number | undefined;
}

const HEIGHT = 248;
/** Above the bars stand the names of the marks, in two lines. */
const MARGIN = { left: 48, right: 14, top: 40, bottom: 28 };
const GAP_PX = 1;
/** What the longest name of a mark takes, `p95 999 ms`, and how far it is from its mark. */
const NAME_PX = 70;
const NAME_GAP_PX = 5;

/** @param onPointed text of the bar that is pointed at, or none */
export function histogramDrawing(
  bars: HistogramBars,
  options: HistogramDrawingOptions,
  onPointed: (text: string) => void,
): SVGSVGElement {
  const { width, stage, p50, p95, limitMs } = options;
  const area: PlotArea = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: HEIGHT - MARGIN.top - MARGIN.bottom,
  };
  const counts = valueTicks(0, Math.max(4, bars.most));
  const x = (ms: number) => area.left + (Math.min(ms, bars.toMs) / bars.toMs) * area.width;
  const y = (count: number) => area.top + area.height * (1 - count / (counts.at(-1) ?? 1));
  const drawing = svg('svg', { class: `histogram ${stage}`, width, height: HEIGHT });
  drawing.append(...counts.map((count) => countLine(area, y(count), count)));
  drawing.append(...timeTicks(bars.toMs).map((ms) => timeLabel(area, x(ms), ms)));
  for (const bar of bars.bars) {
    if (bar.count > 0) drawing.append(barRect(bar, x, y, limitMs));
  }
  if (p50 !== null && p95 !== null) {
    const [left50, left95] = namesOf(x(p50), x(p95), width);
    drawing.append(mark(area, x(p50), 'p50', { text: `p50 ${milliseconds(p50)}`, left: left50 }));
    drawing.append(mark(area, x(p95), 'p95', { text: `p95 ${milliseconds(p95)}`, left: left95 }));
  }
  // The last one, so that no other line runs through its name.
  if (limitMs !== undefined) {
    const left = Math.min(x(limitMs) + NAME_GAP_PX, width - NAME_PX);
    drawing.append(mark(area, x(limitMs), 'limit', { text: `${limitMs} ms`, left }, 1));
  }
  if (bars.beyond > 0) drawing.append(beyondNote(area, bars));
  drawing.addEventListener('pointermove', ({ clientX }) => {
    const share = (clientX - drawing.getBoundingClientRect().left - area.left) / area.width;
    onPointed(barText(bars, share * bars.toMs));
  });
  drawing.addEventListener('pointerleave', () => onPointed(''));
  return drawing;
}

function barRect(
  { fromMs, toMs, count }: HistogramBar,
  x: (ms: number) => number,
  y: (count: number) => number,
  limitMs = Number.POSITIVE_INFINITY,
): SVGRectElement {
  return svg('rect', {
    class: fromMs >= limitMs ? 'bar late' : 'bar',
    x: (x(fromMs) + GAP_PX / 2).toFixed(1),
    y: y(count).toFixed(1),
    width: (x(toMs) - x(fromMs) - GAP_PX).toFixed(1),
    height: (y(0) - y(count)).toFixed(1),
  });
}

function countLine({ left, width }: PlotArea, y: number, count: number): SVGGElement {
  const at = Math.round(y) + 0.5;
  return svg(
    'g',
    { class: count === 0 ? 'axis' : 'grid' },
    svg('path', { d: `M${left} ${at}h${width}` }),
    svg('text', { x: left - 7, y: at + 4, 'text-anchor': 'end' }, count.toLocaleString('en')),
  );
}

/** Round times, at most eleven. */
function timeTicks(toMs: number): number[] {
  const step = [25, 50, 100, 200, 500].find((ms) => toMs / ms <= 10) ?? 500;
  return Array.from({ length: Math.floor(toMs / step) + 1 }, (_, index) => index * step);
}

function timeLabel({ top, height }: PlotArea, x: number, ms: number): SVGTextElement {
  const place = { x: x.toFixed(1), y: top + height + 18, 'text-anchor': 'middle' };
  return svg('text', place, ms === 0 ? '0' : milliseconds(ms));
}

/** Where the names of both marks begin: on either side of them, where there is room. */
function namesOf(x50: number, x95: number, width: number): [left50: number, left95: number] {
  const before = x50 - NAME_GAP_PX - NAME_PX;
  const left50 = before >= 0 ? before : (x95 - x50 < NAME_PX ? x95 : x50) + NAME_GAP_PX;
  const after = Math.max(x95 + NAME_GAP_PX, left50 + NAME_PX);
  const left95 = Math.min(after, width - NAME_PX);
  return [Math.min(left50, left95 - NAME_PX), left95];
}

/** @param line on which its name stands, 0 at the top */
function mark(
  area: PlotArea,
  x: number,
  kind: string,
  { text, left }: { text: string; left: number },
  line: 0 | 1 = 0,
): SVGGElement {
  const at = Math.round(x) + 0.5;
  const top = 4 + line * 17;
  return svg(
    'g',
    { class: `mark ${kind}` },
    svg('path', { d: `M${at} ${top}V${area.top + area.height}` }),
    svg('text', { x: left.toFixed(1), y: top + 11 }, text),
  );
}

function beyondNote({ left, top, width, height }: PlotArea, { beyond, toMs }: HistogramBars) {
  const place = { x: left + width, y: top + height - 6, 'text-anchor': 'end' };
  const text = `${beyond.toLocaleString('en')} longer than ${milliseconds(toMs)} →`;
  return svg('text', { class: 'beyond', ...place }, text);
}

function barText({ bars, total }: HistogramBars, ms: number): string {
  const bar = bars.find(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
  if (!bar) return '';
  const share = total > 0 ? ` (${percent(bar.count / total)})` : '';
  return `${bar.fromMs} to ${bar.toMs} ms: ${bar.count.toLocaleString('en')}${share}`;
}
