/** At what point of its conversation a call is broken. */
import type { SeededRandom } from '../../src/simulators/twilio/seeded-random.ts';
import { DIALOGUE, type Line } from './dialogue.ts';

export const MOMENTS = [
  'greeting',
  'listening',
  'hearing',
  'thinking',
  'tool',
  'speaking',
  'bargeIn',
] as const;
export type Moment = (typeof MOMENTS)[number];

export interface BreakPlan {
  moment: Moment;
  /** In which line of the caller's; the first in a greeting. */
  line: Line['id'];
  /** After the moment has begun; where it is over by then, it is whatever came next. */
  afterMs: number;
}

/** How long each lasts, about. */
const LASTS_MS: Record<Moment, number> = {
  greeting: 1500,
  listening: 1000,
  hearing: 1500,
  thinking: 700,
  tool: 600,
  speaking: 1500,
  bargeIn: 900,
};

export function drawBreak(random: SeededRandom): BreakPlan {
  const moment = MOMENTS[random.between(0, MOMENTS.length - 1)]!;
  const lines = DIALOGUE.filter((line) => isPossible(moment, line));
  const { id: line } = lines[random.between(0, lines.length - 1)]!;
  return { moment, line, afterMs: random.between(0, LASTS_MS[moment]) };
}

function isPossible(moment: Moment, line: Line): boolean {
  if (moment === 'greeting') return line === DIALOGUE[0];
  if (moment === 'tool') return line.books === true;
  return moment === 'thinking' || moment === 'speaking' || isBegunBy(moment, line);
}

/** Whoever interrupts neither waits for silence nor is heard from the start. */
function isBegunBy(moment: Moment, line: Line): boolean {
  return (moment === 'bargeIn') === (line.interrupts === true);
}
