import type { CallReport } from '../simulators/twilio/call-report.ts';
import type { Heard } from '../simulators/ultravox/simulated-ultravox.ts';
import type { Turn } from '../ultravox/conversation.ts';
import type { DemoLine } from './dialogue.ts';
import type { WrittenDown } from './written-down.ts';

export interface DemoEvidence {
  lines: readonly DemoLine[];
  report: CallReport;
  outcome: string;
  /** States in the order in which they were entered, with the event that led there. */
  states: readonly { path: string; because: string }[];
  /** What the engine was given, for replies that were asked for. */
  heard: readonly Heard[];
  turns: readonly Turn[];
  written: WrittenDown;
}

/** More than this missing at either end of what the caller said would be a lost syllable. */
const LOST_SYLLABLE_MS = 120;

/** What did not go as scripted; empty when all did. */
export function problemsOf(evidence: DemoEvidence): string[] {
  const { report, outcome, states, lines } = evidence;
  const problems = report.violations.map((violation) => `Twilio would complain: ${violation}`);
  if (report.scriptError) problems.push(`the caller gave up: ${String(report.scriptError)}`);
  if (report.outcome !== 'completed') problems.push(`the call ended as ${report.outcome}`);
  if (outcome !== 'completed') problems.push(`the server took the call for ${outcome}`);

  const left = (event: string) => states.filter(({ because }) => because === event).length;
  if (left('caller.ignored') < 1) problems.push('the backchannel was not told from a turn');
  if (left('caller.interrupted') < 1) problems.push('the interruption was not recognised');
  if (left('caller.resumed') < 1) problems.push('the hesitation was not bridged');
  if (!states.some(({ path }) => path.startsWith('conversation.thinking.consulting'))) {
    problems.push('no tool was seen at work');
  }
  problems.push(...problemsOfRecord(evidence.written));
  problems.push(...lines.flatMap((line) => problemsOfLine(line, evidence)));
  return problems;
}

/** One table is booked, at the time that the caller settled on, and the call has its one record. */
function problemsOfRecord({ call, reservations }: WrittenDown): string[] {
  const confirmed = reservations.filter(({ status }) => status === 'confirmed');
  const [booked] = confirmed;
  const isRight = confirmed.length === 1 && booked?.time === '20:00' && booked.party_size === 4;
  const problems = isRight ? [] : [`the book says ${JSON.stringify(reservations)}`];
  if (call?.outcome !== 'completed') problems.push(`the record says ${call?.outcome ?? 'nothing'}`);
  if (call?.reservation_id !== booked?.id) problems.push('the record does not name the booking');
  return problems;
}

function problemsOfLine(line: DemoLine, { heard, turns }: DemoEvidence): string[] {
  const agentSaid = turns.flatMap((turn) => (turn.speaker === 'agent' ? [turn.text] : []));
  if (line.id === 'backchannel') {
    return agentSaid.includes(line.reply) ? ['the backchannel was answered'] : [];
  }
  const inFull = heard
    .flatMap((each) => each.all)
    .filter(({ recording }) => recording.id === line.id)
    .some((each) => each.cutStartMs <= LOST_SYLLABLE_MS && each.cutEndMs <= LOST_SYLLABLE_MS);
  const problems = inFull ? [] : [`"${line.id}" did not reach the engine in full`];
  const wasCut = !agentSaid.includes(line.reply);
  const begun = agentSaid.some((said) => said !== '' && line.reply.startsWith(said));
  if (line.id === 'name') {
    if (!wasCut || !begun)
      problems.push('the history of the interrupted reply is not what was heard');
  } else if (wasCut) problems.push(`the reply to "${line.id}" was not heard to its end`);
  return problems;
}
