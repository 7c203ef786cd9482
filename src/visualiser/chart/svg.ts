/**
 * A statechart as SVG: for a document as it is, and for the page, which lights up its states and
 * flashes its transitions by their classes.
 */
import type { Layout } from './layout.ts';
import type { ChartState, Statechart } from './statechart.ts';
import { edgeElement } from './svg-edge.ts';
import { escaped } from './svg-shapes.ts';
import { initialElement, stateElement } from './svg-state.ts';

/** Around the outermost frame. */
const MARGIN = 10;

/**
 * A whole file. Ids begin with the machine's, so that several drawings fit into one page.
 *
 * @param style becomes its only `style` element, the first
 */
export function svgOf(
  chart: Statechart,
  { boxes, initials, routes }: Layout,
  style: string,
): string {
  const boxOf = ({ path }: ChartState) => {
    const box = boxes.get(path);
    if (!box) throw new Error(`expected the state ${path} to be placed`);
    return box;
  };
  const draw = (state: ChartState) => stateElement(chart.id, state, boxOf(state));
  const [frame] = chart.states.map(boxOf);
  const [width, height] = [frame?.width ?? 0, frame?.height ?? 0].map((side) => side + 2 * MARGIN);
  const plane = `${-MARGIN} ${-MARGIN} ${width} ${height}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="${width}" height="${height}" viewBox="${plane}" role="img" aria-labelledby="${chart.id}-title ${chart.id}-desc">`,
    `<style>\n${style}</style>`,
    `<title id="${chart.id}-title">Statechart: ${escaped(chart.id)}</title>`,
    `<desc id="${chart.id}-desc">${escaped(descriptionOf(chart))}</desc>`,
    `<rect class="ground" x="${-MARGIN}" y="${-MARGIN}" width="${width}" height="${height}"/>`,
    ...chart.states.filter(({ kind }) => kind === 'compound').map(draw),
    ...routes.map(edgeElement),
    ...initials.map(initialElement),
    ...chart.states.filter(({ kind }) => kind !== 'compound').map(draw),
    '</svg>',
    '',
  ].join('\n');
}

function descriptionOf({ states, edges }: Statechart): string {
  const description = states[0]?.description ?? '';
  return `${description} ${states.length - 1} states, ${edges.length} arrows between them.`.trim();
}
