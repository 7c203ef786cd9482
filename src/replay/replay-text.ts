import type { TurnFigure } from './call-life.ts';
import type { Difference, Replay } from './replay-journal.ts';
import type { LifeComparison, TurnPair } from './turn-comparison.ts';
import { MODELLED } from './what-if.ts';

/** One line, without what was said. */
export function describeDifference({ what, seq, ms, expected, got }: Difference): string {
  return `row ${seq}, ${seconds(ms)}, ${NAMES[what]}: recorded ${expected}; replayed ${got}`;
}

export function replayText(callSid: string, { steps, difference }: Replay): string {
  const last = steps.at(-1);
  const reached = last ? `to ${last.path} at ${seconds(last.ms)}` : 'without an event';
  const lines = [`${callSid}: ${steps.length} events replayed, ${reached}`];
  if (!difference) lines.push('no difference in states, timings or words');
  else {
    lines.push(`first difference: ${describeDifference(difference)}`);
    if (difference.said !== null) lines.push(`what the agent said there: "${difference.said}"`);
  }
  return `${lines.join('\n')}\n`;
}

export function whatIfText(
  callSid: string,
  settings: readonly string[],
  { turns, cutIns, outcome }: LifeComparison,
): string {
  const ending = (name: string | null) => name ?? 'open';
  return `${[
    `${callSid} with ${settings.join(', ')}`,
    '',
    row('', 'end of turn after the sound', 'response', ''),
    row("caller's turn", 'recorded  replayed', 'recorded  replayed', ''),
    ...turns.map(turnRow),
    '',
    `cut-ins  recorded ${cutIns.recorded}, replayed ${cutIns.replayed}`,
    `outcome  recorded ${ending(outcome.recorded)}, replayed ${ending(outcome.replayed)}`,
    '',
    'What is modelled:',
    ...MODELLED.map((line) => `  ${line}`),
  ]
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}

const NAMES: Record<Difference['what'], string> = {
  state: 'state',
  timing: 'timer',
  words: 'words',
  ears: 'ears',
  turn: "caller's turn",
  outcome: 'outcome',
};

function turnRow({ recorded, replayed }: TurnPair): string {
  const endsMs = (replayed ?? recorded)?.speechEndMs;
  const name = endsMs === undefined ? 'keys' : `to ${(endsMs / 1000).toFixed(1)} s`;
  const figures = (of: (turn: TurnFigure) => number | undefined) =>
    [recorded, replayed].map((turn) => figure(turn && of(turn))).join('  ');
  const response = figures(({ responseMs }) => responseMs);
  const note = replayed?.isCutIn ? 'cut in' : '';
  return row(
    name,
    figures(({ endpointMs }) => endpointMs),
    response,
    note,
  );
}

function row(name: string, endpoint: string, response: string, note: string): string {
  return `${name.padEnd(15)}${endpoint.padEnd(30)}${response.padEnd(21)}${note}`;
}

function figure(ms: number | undefined): string {
  return (ms === undefined ? '-' : `${Math.round(ms)} ms`).padStart(8);
}

/** `12.345 s` */
function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}
