/** All files that are drawn from a machine. */
import { readFileSync } from 'node:fs';
import type { AnyStateMachine } from 'xstate';
import { machineDefinition } from './definition.ts';
import { layoutOf } from './layout.ts';
import { mermaidOf } from './mermaid.ts';
import { statechartOf } from './statechart.ts';
import { svgOf } from './svg.ts';

const STYLE = readFileSync(new URL('chart.css', import.meta.url), 'utf8');

/** @returns what is in them by their names, such as `call.svg`; the same on every machine */
export async function drawings(machine: AnyStateMachine): Promise<ReadonlyMap<string, string>> {
  const chart = statechartOf(machine);
  return new Map([
    [`${chart.id}.svg`, svgOf(chart, await layoutOf(chart), STYLE)],
    [`${chart.id}.mmd`, mermaidOf(chart)],
    [`${chart.id}.json`, `${JSON.stringify(machineDefinition(machine), undefined, 2)}\n`],
  ]);
}
