/** Where everything of a statechart is drawn. */
import { elkColumn } from './elk.ts';
import { type Box, type Point, shifted } from './geometry.ts';
import { labelSize } from './sizes.ts';
import { type ChartEdge, type ChartState, isWithin, type Statechart } from './statechart.ts';
import { routesAcross } from './routes-across.ts';

export interface Layout {
  /** By path; the machine's own is the frame around all. */
  boxes: ReadonlyMap<string, Box>;
  /** Dots and arrows of initial states. */
  initials: readonly Box[];
  routes: readonly Route[];
}

export interface Route {
  edge: ChartEdge;
  /** From the source's border to the target's; each stretch is level or upright. */
  points: readonly Point[];
  /** Where its causes stand, on the line. */
  label: Box;
}

const MARGIN = { top: 60, side: 28, bottom: 32 };
/** Between the columns, beside the widest label: room for the lines that run up and down. */
const TRACKS = 90;

/**
 * The happy path stands in a column at the left, what else can happen in one at its right. ELK lays
 * out each; what leads from one to the other is drawn between them.
 */
export async function layoutOf(chart: Statechart): Promise<Layout> {
  const [happy, other] = columns(chart);
  const [left, right] = [await elkColumn(chart, happy), await elkColumn(chart, other)];
  const [leftSize, rightSize] = [sizeOf(left), sizeOf(right)];
  const isDrawn = new Set([...left.routes, ...right.routes].map(({ edge }) => edge));
  const across = chart.edges.filter((edge) => !isDrawn.has(edge));
  const gap = Math.max(...across.map(({ causes }) => labelSize(causes).width)) + TRACKS;
  const height = Math.max(leftSize.height, rightSize.height);
  const frame = {
    x: 0,
    y: 0,
    width: 2 * MARGIN.side + leftSize.width + gap + rightSize.width,
    height: MARGIN.top + height + MARGIN.bottom,
  };
  const parts = [
    moved(left, { x: MARGIN.side, y: MARGIN.top }),
    // At the bottom, where what goes wrong and what ends belongs.
    moved(right, {
      x: MARGIN.side + leftSize.width + gap,
      y: MARGIN.top + height - rightSize.height,
    }),
  ];
  const placed: Layout = {
    boxes: new Map([...parts.flatMap(({ boxes }) => [...boxes]), ['', frame]]),
    initials: parts.flatMap(({ initials }) => initials),
    routes: parts.flatMap(({ routes }) => routes).map((route) => fromFrame(route, frame)),
  };
  return { ...placed, routes: [...placed.routes, ...routesAcross(chart, placed, across)] };
}

/** The outermost states that the happy path touches, and the others. */
function columns(chart: Statechart): [ChartState[], ChartState[]] {
  const isHappy = ({ path }: ChartState) =>
    path === chart.states[0]?.initial ||
    chart.edges.some(
      ({ isMain, source, target }) =>
        isMain && [source, target].some((end) => end === path || isWithin(end, path)),
    );
  const outermost = chart.states.filter(({ parent }) => parent === '');
  return [outermost.filter(isHappy), outermost.filter((state) => !isHappy(state))];
}

function sizeOf({ boxes }: Layout): Box {
  return boxes.get('') ?? { x: 0, y: 0, width: 0, height: 0 };
}

function moved({ boxes, initials, routes }: Layout, by: Point): Layout {
  return {
    boxes: new Map([...boxes].map(([path, box]) => [path, shifted(box, by)])),
    initials: initials.map((box) => shifted(box, by)),
    routes: routes.map(({ edge, points, label }) => ({
      edge,
      points: points.map((point) => shifted(point, by)),
      label: shifted(label, by),
    })),
  };
}

/** What comes from the machine itself begins at the border of its column: it is drawn to the frame. */
function fromFrame(route: Route, frame: Box): Route {
  const [start, ...rest] = route.points;
  if (route.edge.source !== '' || !start) return route;
  return { ...route, points: [{ x: start.x, y: frame.y + frame.height }, ...rest] };
}
