/** What became of one call: judged by what was played to its caller, and by the database. */
import type { CallReport } from '../../src/simulators/twilio/call-report.ts';
import type { BrokenCall } from './broken-call.ts';
import type { Cell } from './cell.ts';
import type { Said } from './chaos-caller.ts';
import { BOOKED, BOOKING, DIALOGUE } from './dialogue.ts';
import { historyFaults } from './history.ts';
import { type Silence, silenceAfterBreak } from './silence.ts';

export interface Verdict {
  callSid: string;
  /** What was broken, and where in the dialogue. */
  broken: string;
  /** The dialogue went on to its end, and the record says so. */
  continued: boolean;
  /** Why it did not. */
  problem: string | undefined;
  /** The last that its caller heard. */
  heard: string;
  silences: Silence[];
  history: string[];
  bookingsLost: number;
  bookingsDoubled: number;
  /** Rows of the call, with an outcome. */
  records: number;
  /** What is still there, and what should never have been said. */
  left: string[];
}

interface CallRows {
  call: Record<string, unknown> | undefined;
  records: number;
  turns: Record<string, unknown>[];
  reservations: Record<string, unknown>[];
  /** What should be gone with the call. */
  left: string[];
}

/** Transcripts and summaries are written after the call, in the background. */
const SETTLE_MS = 20_000;
const OWN_OUTCOME_MS = 5000;
const AGAIN_MS = 200;

/** @param isAlone false where the cell has other calls, which are not to be counted with this one */
export async function verdictOf(cell: Cell, run: BrokenCall, isAlone: boolean): Promise<Verdict> {
  const { report, caller, plan, breaks } = run;
  const rows = await settledRows(cell, report.callSid, isAlone);
  const problem = problemOf(run, rows);
  const cuts = breaks.length + cutsIn(report);
  const said = caller.said.map((each) => onlyIfCarried(each, report, breaks));
  const silences = breaks.flatMap((at) => silenceAfterBreak(report, at) ?? []);
  return {
    callSid: report.callSid,
    broken: plan ? `${plan.moment} of ${plan.line} +${plan.afterMs} ms` : 'as it comes',
    continued: problem === undefined,
    problem,
    heard: lastHeard(run),
    silences,
    history: historyFaults(rows.turns as never, caller.heard.words, said, cuts),
    ...bookingFaults(rows.reservations, run),
    records: rows.records,
    left: [
      ...rows.left,
      ...(isAlone ? await leftIn(cell) : []),
      ...report.violations.map((text) => `Twilio: ${text}`),
    ],
  };
}

function problemOf(
  { report, caller, plan, breaks }: BrokenCall,
  rows: CallRows,
): string | undefined {
  const starts = report.timeline.filter(({ type }) => type === 'started').length;
  if (plan && breaks.length === 0) return 'it ended before its break';
  if (starts <= breaks.length) return `no stream came back: ${report.verbs.join(' ')}`;
  if (report.scriptError) return String(report.scriptError);
  if (caller.answered < DIALOGUE.length) return `${caller.answered} lines were answered`;
  const outcome = rows.call?.outcome;
  return outcome === 'completed' ? undefined : `the record says ${outcome ?? 'nothing'}`;
}

const SHOWN_WORDS = 40;

function lastHeard({ caller }: BrokenCall): string {
  const { words } = caller.heard;
  return words
    .slice(-SHOWN_WORDS)
    .map(({ text }) => text)
    .join(' ');
}

async function settledRows(cell: Cell, callSid: string, isAlone: boolean): Promise<CallRows> {
  const sinceMs = performance.now();
  for (;;) {
    const rows = await rowsOf(cell, callSid);
    const { call, turns } = rows;
    const isWritten = turns.every(({ text }) => text !== null);
    // What Twilio says comes first; where the call says nothing of itself, it is all there will be.
    const waitedMs = performance.now() - sinceMs;
    const isOwn = call?.outcome_is_own === 1 && isWritten;
    const isOver = isOwn || (call?.outcome !== null && waitedMs > OWN_OUTCOME_MS);
    const isQuiet = !isAlone || (await activeCalls(cell)) === 0;
    if (call && isOver && isQuiet && rows.left.length === 0) return rows;
    if (waitedMs > SETTLE_MS) return rows;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

async function rowsOf({ store }: Cell, callSid: string): Promise<CallRows> {
  const of = `where call_sid = '${callSid}'`;
  const calls = await store.rows(`select outcome, outcome_is_own from calls ${of}`);
  const turns = await store.rows(`select speaker, text from turns ${of} order by turn`);
  const reservations = await store.rows(`select status, time, party_size from reservations ${of}`);
  const sounds = await store.rows(`select turn from turn_sounds ${of}`);
  const left = sounds.length > 0 ? [`sound of ${sounds.length} turns`] : [];
  const records = calls.filter(({ outcome }) => outcome !== null).length;
  return { call: calls[0], records, turns, reservations, left };
}

function bookingFaults(
  reservations: CallRows['reservations'],
  { caller }: BrokenCall,
): Pick<Verdict, 'bookingsLost' | 'bookingsDoubled'> {
  const confirmed = reservations.filter(
    ({ status, time, party_size }) =>
      status === 'confirmed' && time === BOOKING.time && party_size === BOOKING.party_size,
  ).length;
  const heard = caller.heard.words.filter(({ isReply }) => isReply).map(({ text }) => text);
  const isTold = heard.join(' ').includes(BOOKED.split(' ').slice(-2).join(' '));
  return {
    bookingsLost: isTold && confirmed === 0 ? 1 : 0,
    bookingsDoubled: Math.max(0, confirmed - 1),
  };
}

/** How often sound that waited to be played was taken back. */
function cutsIn({ timeline }: CallReport): number {
  return timeline.filter(({ type, bufferedMs = 0 }) => type === 'clear' && bufferedMs > 0).length;
}

/** What was said while the line was down reached nobody. */
function onlyIfCarried(said: Said, { timeline }: CallReport, breaks: readonly number[]): Said {
  const isBroken = breaks.some((atMs) => {
    const next = timeline.find(({ type, trackMs = 0 }) => type === 'started' && trackMs > atMs);
    return said.toMs >= atMs && said.fromMs <= (next?.trackMs ?? Number.POSITIVE_INFINITY);
  });
  return { ...said, wasCarried: said.wasCarried && !isBroken };
}

export async function leftIn(cell: Cell): Promise<string[]> {
  const calls = await activeCalls(cell);
  const streams = cell.balancer.streams.length;
  const complaints = cell.servers.flatMap((server) => server.complaints);
  return [
    ...(calls > 0 ? [`${calls} live calls`] : []),
    ...(streams > 0 ? [`${streams} open streams`] : []),
    ...complaints,
  ];
}

async function activeCalls({ servers }: Cell): Promise<number> {
  const counts = await Promise.all(servers.map((server) => server.activeCalls()));
  return counts.reduce((sum, each) => sum + each, 0);
}
