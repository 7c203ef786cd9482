/** The trade-off as a picture: cut-ins against the response, at the median and for one caller in ten. */
import type { TradeOffCurve, TradeOffPoint } from './trade-off.ts';

/** @param chosenMs the silence of the point that is in use; it is drawn full */
export function tradeOffSvg(curves: readonly TradeOffCurve[], chosenMs: number): string {
  const panels: [string, boolean, (point: TradeOffPoint) => number][] = [
    ['median response, ms', true, ({ responseP50 }) => responseP50],
    ['response at p90, ms', false, ({ responseP90 }) => responseP90],
  ];
  const most = Math.max(...curves.flatMap(({ points }) => points.map((p) => p.cutInPercent)), 10);
  const top = Math.ceil(most / 10) * 10;
  const drawn = panels.map(([label, isMedian, of], i) =>
    panel({
      curves,
      chosenMs,
      label,
      isMedian,
      of,
      top,
      left: MARGIN + i * (PLOT_WIDTH + 2 * MARGIN),
    }),
  );
  const width = 2 * PLOT_WIDTH + 4 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="#222">`,
    `<rect width="${width}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${MARGIN}" y="24" font-size="15" font-weight="600">Cut-ins at pauses within a sentence, against the response</text>`,
    ...drawn,
    ...curves.map(({ name }, i) => legend(name, i)),
    '</svg>\n',
  ].join('\n');
}

interface Panel {
  curves: readonly TradeOffCurve[];
  chosenMs: number;
  label: string;
  isMedian: boolean;
  of(point: TradeOffPoint): number;
  top: number;
  left: number;
}

const PLOT_WIDTH = 420;
const PLOT_HEIGHT = 330;
const MARGIN = 56;
const PLOT_TOP = 80;
const HEIGHT = PLOT_TOP + PLOT_HEIGHT + 60;
const COLOURS = ['#9a9a9a', '#0b6e99', '#c2571a'];
const MOST_MS = 3200;
/** What is to be reached at the median: fewer cut-ins than this, with a response below that. */
const GOAL = { percent: 8, ms: 600 };

function panel({ curves, chosenMs, label, isMedian, of, top, left }: Panel): string {
  const x = (ms: number) => left + (Math.min(ms, MOST_MS) / MOST_MS) * PLOT_WIDTH;
  const y = (percent: number) => PLOT_TOP + PLOT_HEIGHT * (1 - percent / top);
  const lines = curves.map(({ points }, i) => {
    const at = points.map(
      (point) => `${x(of(point)).toFixed(1)},${y(point.cutInPercent).toFixed(1)}`,
    );
    const dots = points.map((point) => {
      const isChosen = i === 1 && point.silenceMs === chosenMs;
      const [cx, cy] = [x(of(point)).toFixed(1), y(point.cutInPercent).toFixed(1)];
      return `<circle cx="${cx}" cy="${cy}" r="${isChosen ? 6 : 3}" fill="${isChosen ? COLOURS[i] : '#fff'}" stroke="${COLOURS[i]}"/>`;
    });
    return `<polyline points="${at.join(' ')}" fill="none" stroke="${COLOURS[i]}" stroke-width="2"/>${dots.join('')}`;
  });
  return [axes({ x, y, label, isMedian, top, left }), ...lines].join('\n');
}

interface Axes {
  x(ms: number): number;
  y(percent: number): number;
  label: string;
  isMedian: boolean;
  top: number;
  left: number;
}

function axes({ x, y, label, isMedian, top, left }: Axes): string {
  const bottom = PLOT_TOP + PLOT_HEIGHT;
  const across = [0, 500, 1000, 1500, 2000, 2500, 3000].map(
    (ms) =>
      `<line x1="${x(ms)}" y1="${PLOT_TOP}" x2="${x(ms)}" y2="${bottom}" stroke="#e4e4e4"/><text x="${x(ms)}" y="${bottom + 18}" text-anchor="middle">${ms}</text>`,
  );
  const up = Array.from({ length: top / 10 + 1 }, (_, i) => 10 * i).map(
    (percent) =>
      `<line x1="${left}" y1="${y(percent)}" x2="${left + PLOT_WIDTH}" y2="${y(percent)}" stroke="#e4e4e4"/><text x="${left - 8}" y="${y(percent) + 4}" text-anchor="end">${percent} %</text>`,
  );
  const goal = `<rect x="${left}" y="${y(GOAL.percent)}" width="${x(GOAL.ms) - left}" height="${bottom - y(GOAL.percent)}" fill="#cfe8d5"/>`;
  const title = `<text x="${left + PLOT_WIDTH / 2}" y="${bottom + 40}" text-anchor="middle">${label}</text>`;
  return [...(isMedian ? [goal] : []), ...across, ...up, title].join('\n');
}

function legend(name: string, i: number): string {
  const x = MARGIN + i * 260;
  return `<line x1="${x}" y1="48" x2="${x + 26}" y2="48" stroke="${COLOURS[i]}" stroke-width="3"/><text x="${x + 34}" y="52">${name}</text>`;
}
