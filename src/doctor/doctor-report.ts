/** What was found as a table for people, and as JSON for programs. */
import { type Outcome, rank } from './finding.ts';
import type { CheckResult } from './run-checks.ts';

export interface DoctorReport {
  /** The worst of them. */
  outcome: Outcome;
  findings: readonly CheckResult[];
  /** The one thing to do next. */
  next: string | undefined;
}

export function doctorReport(findings: readonly CheckResult[]): DoctorReport {
  const [worst] = findings
    .filter(({ outcome }) => outcome !== 'skipped')
    .sort((one, other) => rank(one) - rank(other));
  return { outcome: worst?.outcome ?? 'skipped', findings, next: worst?.next };
}

/** Of the process: 0 calls can be served, 1 something failed. */
export function exitCode({ outcome }: DoctorReport): 0 | 1 {
  return outcome === 'failure' ? 1 : 0;
}

/** A line or more for each finding, no wider than 100 characters where words can be wrapped. */
export function reportTable({ findings, next }: DoctorReport): string {
  const nameWidth = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(nameWidth + WORD_WIDTH + 6);
  const lines = findings.flatMap(({ outcome, check, found, next: advice }) => {
    const head = `${MARKS[outcome]} ${outcome.padEnd(WORD_WIDTH)}  ${check.padEnd(nameWidth)}  `;
    const [first = '', ...rest] = wrapped(found, WIDTH - indent.length);
    const todo = advice ? wrapped(`-> ${advice}`, WIDTH - indent.length) : [];
    return [head + first, ...[...rest, ...todo].map((line) => indent + line)];
  });
  return [...lines, '', `${tally(findings)}${next ? `\nNext: ${next}` : ''}`].join('\n');
}

const WIDTH = 100;
const WORD_WIDTH = 'skipped'.length;
const MARKS: Readonly<Record<Outcome, string>> = {
  pass: '✓',
  warning: '!',
  failure: '✗',
  skipped: '-',
};

function tally(findings: readonly CheckResult[]): string {
  const count = (outcome: Outcome) => findings.filter((each) => each.outcome === outcome).length;
  const failures = count('failure');
  const warnings = count('warning');
  return (
    `${count('pass')} passed, ${warnings} warning${warnings === 1 ? '' : 's'}, ` +
    `${failures} failure${failures === 1 ? '' : 's'}, ${count('skipped')} skipped`
  );
}

/** A word that is longer than the width has a line of its own. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && longer.length > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
