/** Where everything of a statechart is drawn. */
import { elkColumn } from './elk.ts';
import { type Box, type Point, shifted } from './geometry.ts';
import { routesAcross } from './routes-across.ts';
import { type ChartEdge, type ChartState, isWithin, type Statechart } from './statechart.ts';

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

const MARGIN = { top: 84, side: 28, bottom: 32 };
/** Between the columns, in pixels: what is tried. */
const GAPS = [160, 180, 200, 220, 240, 260, 280, 300, 320, 340, 360];
/** Where no line runs between them. */
const NO_LINES = 40;
/** What a bend costs, in pixels between the columns. */
const BEND_COST = 40;

/**
 * The happy path stands in a column at the left, what else can happen in one at its right. ELK lays
 * out each; what leads from one to the other is drawn between them, with as much room as it needs
 * to go straight.
 *
 * @throws {Error} where there is no room for a transition even with the columns far apart
 */
export async function layoutOf(chart: Statechart): Promise<Layout> {
  const [happy, other] = columns(chart);
  const across = chart.edges.filter((edge) => isAcross(edge, happy));
  const left = await elkColumn(chart, happy, across, 'H_RIGHT');
  const right = await elkColumn(chart, other, across, 'H_LEFT');
  const candidates = (across.length > 0 ? GAPS : [NO_LINES]).flatMap((gap) => {
    const columns = beside(left, right, gap);
    const routes = routesAcross(chart, columns, across);
    if (!routes) return [];
    const layout = { ...columns, routes: [...columns.routes, ...routes] };
    return [{ layout, cost: gap + bendsIn(routes) * BEND_COST }];
  });
  const [best] = candidates.toSorted((a, b) => a.cost - b.cost);
  if (!best) throw new Error(`expected a way for each of ${across.length} transitions, found none`);
  return best.layout;
}

/** Both in one frame. */
function beside(left: Layout, right: Layout, gap: number): Layout {
  const [leftSize, rightSize] = [sizeOf(left), sizeOf(right)];
  const height = Math.max(leftSize.height, rightSize.height);
  const frame = {
    x: 0,
    y: 0,
    width: 2 * MARGIN.side + leftSize.width + gap + rightSize.width,
    height: MARGIN.top + height + MARGIN.bottom,
  };
  // What ends stands at the bottom.
  const rightAt = {
    x: MARGIN.side + leftSize.width + gap,
    y: frame.height - MARGIN.bottom - rightSize.height,
  };
  const parts = [moved(left, { x: MARGIN.side, y: MARGIN.top }), moved(right, rightAt)];
  return {
    boxes: new Map([...parts.flatMap(({ boxes }) => [...boxes]), ['', frame]]),
    initials: parts.flatMap(({ initials }) => initials),
    routes: parts.flatMap(({ routes }) => routes).map((route) => toFrame(route, frame)),
  };
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

function isAcross({ source, target }: ChartEdge, column: readonly ChartState[]): boolean {
  const isIn = (end: string) => column.some(({ path }) => end === path || isWithin(end, path));
  return source !== '' && target !== '' && isIn(source) !== isIn(target);
}

function bendsIn(routes: readonly Route[]): number {
  return routes.reduce((sum, { points }) => sum + points.length - 2, 0);
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

/**
 * A line of the machine itself ends at the lower border of its column: it is drawn to the frame.
 */
function toFrame({ edge, points, label }: Route, frame: Box): Route {
  const bottom = frame.y + frame.height;
  const isAtFrame = (index: number) =>
    (index === 0 && edge.source === '') || (index === points.length - 1 && edge.target === '');
  const drawn = points.map(({ x, y }, index) => ({ x, y: isAtFrame(index) ? bottom : y }));
  return { edge, points: drawn, label };
}
