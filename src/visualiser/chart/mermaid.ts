/** A statechart in Mermaid's words, for documents and for tools that read these. */
import { causeLines } from './cause.ts';
import { actorLine } from './sizes.ts';
import { type ChartEdge, type ChartState, isWithin, type Statechart } from './statechart.ts';

/**
 * A `stateDiagram-v2`. All states come before all transitions: Mermaid takes a state to belong
 * where it is first named. It cannot draw a way from a state to one within it or back: these are
 * notes.
 */
export function mermaidOf(chart: Statechart): string {
  const outermost = chart.states.filter(({ parent }) => parent === '');
  const isNested = ({ source, target }: ChartEdge) =>
    isWithin(source, target) || isWithin(target, source);
  return [
    'stateDiagram-v2',
    ...stateLines(chart, outermost, chart.states[0], '  '),
    ...chart.edges.map((edge) => (isNested(edge) ? noteLine(edge) : arrowLine(edge))),
    ...outermost
      .filter(({ kind }) => kind === 'final')
      .map(({ path }) => `  ${idOf(path)} --> [*]`),
    '',
  ].join('\n');
}

function stateLines(
  chart: Statechart,
  states: readonly ChartState[],
  around: ChartState | undefined,
  indent: string,
): string[] {
  const initial = around?.initial === undefined ? [] : [`${indent}[*] --> ${idOf(around.initial)}`];
  const lines = states.flatMap((state) => {
    const words = [state.name, ...state.invokes.map(actorLine)].join(' ');
    const name = `${indent}state "${words}" as ${idOf(state.path)}`;
    const within = chart.states.filter(({ parent }) => parent === state.path);
    if (within.length === 0) return [name];
    return [`${name} {`, ...stateLines(chart, within, state, `${indent}  `), `${indent}}`];
  });
  return [...lines, ...initial];
}

function arrowLine(edge: ChartEdge): string {
  return `  ${idOf(edge.source)} --> ${idOf(edge.target)}: ${causeLines(edge.causes).join('<br>')}`;
}

function noteLine({ source, target, causes }: ChartEdge): string {
  const around = source === '' ? 'in any state' : `in any state of ${source}`;
  const way = isWithin(target, source) ? around : `to ${target} anew`;
  const at = isWithin(target, source) ? target : source;
  return `  note right of ${idOf(at)}: ${way}<br>${causeLines(causes).join('<br>')}`;
}

/** Mermaid knows no dots in names, and some words, such as `end`, are its own. */
function idOf(path: string): string {
  return `s_${path.replaceAll('.', '_')}`;
}
