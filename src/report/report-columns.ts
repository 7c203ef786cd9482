import { STAGES } from '../call/turn-stages.ts';
import type { CallFigures } from './call-report.ts';

export interface Column {
  name: string;
  /** For people; the name in CSV says the unit. */
  label: string;
  /** Empty: there is nothing to make the figure of. */
  value(figures: CallFigures): string;
}

const whole = (value: number | null) => (value === null ? '' : String(Math.round(value)));
const percent = (share: number | null) => (share === null ? '' : (share * 100).toFixed(1));
const counts = (of: Readonly<Record<string, number>>) =>
  Object.entries(of)
    .map(([name, count]) => `${name}: ${count}`)
    .join('; ');

/** What a report shows of a day or of the whole, in this order. */
export const COLUMNS: readonly Column[] = [
  { name: 'calls', label: 'Calls', value: (of) => whole(of.calls) },
  { name: 'completed', label: '  completed', value: (of) => whole(of.completed) },
  { name: 'handed_off', label: '  handed to a person', value: (of) => whole(of.handedOff) },
  { name: 'voicemail', label: '  sent to voicemail', value: (of) => whole(of.voicemail) },
  { name: 'abandoned', label: '  abandoned', value: (of) => whole(of.abandoned) },
  { name: 'failed', label: '  failed', value: (of) => whole(of.failed) },
  { name: 'not_reached', label: '  nobody reached', value: (of) => whole(of.notReached) },
  { name: 'live', label: '  without an end yet', value: (of) => whole(of.live) },
  {
    name: 'completion_percent',
    label: 'Completion rate, %',
    value: (of) => percent(of.completionShare),
  },
  { name: 'failed_percent', label: 'Failed, %', value: (of) => percent(of.failedShare) },
  { name: 'error_percent', label: 'Error rate, %', value: (of) => percent(of.errorShare) },
  {
    name: 'average_duration_s',
    label: 'Average duration, s',
    value: (of) => whole(of.averageDurationS),
  },
  { name: 'turns', label: 'Turns', value: (of) => whole(of.turns) },
  { name: 'interruptions', label: 'Interruptions', value: (of) => whole(of.interruptions) },
  { name: 'reprompts', label: 'Re-prompts', value: (of) => whole(of.reprompts) },
  {
    name: 'dead_air_average_ms',
    label: 'Longest silence of a call, average, ms',
    value: (of) => whole(of.averageDeadAirMs),
  },
  {
    name: 'dead_air_max_ms',
    label: 'Longest silence of all, ms',
    value: (of) => whole(of.maxDeadAirMs),
  },
  ...STAGES.toReversed().flatMap((stage): Column[] =>
    (['p50', 'p95'] as const).map((level) => ({
      name: `${stage}_${level}_ms`,
      label: `${stage === 'response' ? 'Response' : `  ${stage}`} ${level}, ms`,
      value: (of) => whole(of.latenciesMs[stage][level]),
    })),
  ),
  { name: 'reservations', label: 'Calls that booked', value: (of) => whole(of.reservations) },
  { name: 'tool_calls', label: 'Tools', value: (of) => counts(of.toolCalls) },
  { name: 'tags', label: 'Tags', value: (of) => counts(of.tags) },
];
