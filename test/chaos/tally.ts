/** Adds up the verdicts of one scenario, and says which promises were broken. */
import { percentile } from '../../src/percentile.ts';
import type { Verdict } from './verdict.ts';

export interface Promised {
  name: string;
  title: string;
  silenceP95Ms?: number;
  goesOn: boolean;
}

export interface Summary {
  scenario: string;
  title: string;
  runs: number;
  continued: number;
  /** In ms. */
  silence: { p50: number; p95: number; max: number; breaks: number };
  historyFaults: number;
  bookingsLost: number;
  bookingsDoubled: number;
  records: number;
  left: string[];
  broken: string[];
  failures: { callSid: string; broken: string; why: string[]; heard: string }[];
}

export class Tally {
  readonly promised: Promised;
  readonly #verdicts: Verdict[] = [];
  readonly #faults: string[] = [];

  constructor(promised: Promised) {
    this.promised = promised;
  }

  add(verdict: Verdict): void {
    this.#verdicts.push(verdict);
  }

  /** Of no call in particular. */
  addFault(fault: string): void {
    this.#faults.push(fault);
  }

  get runs(): number {
    return this.#verdicts.length;
  }

  get continued(): number {
    return this.#verdicts.filter(({ continued }) => continued).length;
  }

  summary(): Summary {
    const verdicts = this.#verdicts;
    const silences = verdicts.flatMap(({ silences }) => silences.map(({ ms }) => ms));
    const sum = (of: (verdict: Verdict) => number) =>
      verdicts.reduce((total, verdict) => total + of(verdict), 0);
    const figures = {
      scenario: this.promised.name,
      title: this.promised.title,
      runs: this.runs,
      continued: this.continued,
      silence: {
        p50: percentile(silences, 0.5),
        p95: percentile(silences, 0.95),
        max: percentile(silences, 1),
        breaks: silences.length,
      },
      historyFaults: sum(({ history }) => (history.length > 0 ? 1 : 0)),
      bookingsLost: sum(({ bookingsLost }) => bookingsLost),
      bookingsDoubled: sum(({ bookingsDoubled }) => bookingsDoubled),
      records: sum(({ records }) => records),
      left: [...new Set([...verdicts.flatMap(({ left }) => left), ...this.#faults])],
    };
    return { ...figures, broken: brokenPromises(this.promised, figures), failures: this.#failures };
  }

  get #failures(): Summary['failures'] {
    return this.#verdicts.flatMap(({ callSid, broken, problem, history, left, heard, ...rest }) => {
      const why = [...(problem ? [problem] : []), ...history, ...left];
      if (rest.bookingsLost > 0) why.push('a booking is lost');
      if (rest.bookingsDoubled > 0) why.push('a booking is doubled');
      if (rest.records !== 1) why.push(`${rest.records} records`);
      return why.length > 0 ? [{ callSid, broken, why, heard }] : [];
    });
  }
}

function brokenPromises(
  { goesOn, silenceP95Ms }: Promised,
  figures: Omit<Summary, 'broken' | 'failures'>,
): string[] {
  const { runs, continued, silence, historyFaults, records, left } = figures;
  const lost = runs - continued;
  // Without a second stream there is no silence to be measured, and the call is counted as lost.
  const isLong = silenceP95Ms !== undefined && silence.p95 > silenceP95Ms;
  return [
    ...(runs === 0 ? ['nothing was run'] : []),
    ...(goesOn && lost > 0 ? [`${lost} of ${runs} calls did not go on`] : []),
    ...(isLong ? [`silence of ${silence.p95} ms at p95, ${silenceP95Ms} ms promised`] : []),
    ...(historyFaults > 0 ? [`${historyFaults} histories are not what was said`] : []),
    ...(figures.bookingsLost > 0 ? [`${figures.bookingsLost} bookings lost`] : []),
    ...(figures.bookingsDoubled > 0 ? [`${figures.bookingsDoubled} bookings doubled`] : []),
    ...(records !== runs ? [`${records} records of ${runs} calls`] : []),
    ...left.map((each) => `left behind: ${each}`),
  ];
}
