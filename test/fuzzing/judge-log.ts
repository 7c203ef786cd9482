/** What the log says while strangers try everything: no error of ours, and nothing of theirs. */
import type { LogLines } from '../support/log-lines.ts';
import { mustHold } from './fuzz-target.ts';
import { CANARY } from './odd-values.ts';

const ERROR_LEVEL = 50;
/** A stranger who is refused may fill it, but not with lines without an end. */
const LINE_MAX = 4000;

/** Takes the lines that there are. @param expected messages of errors that are not ours */
export function judgeLog(log: LogLines, expected: readonly string[] = []): void {
  for (const line of log.written.splice(0)) {
    mustHold(!line.includes(CANARY), `expected a log without strangers' words, got ${line}`);
    mustHold(line.length < LINE_MAX, `expected lines of a readable length, got ${line.length}`);
    // Parsed only where it may matter: there are many.
    if (!/"level":[56]\d/.test(line)) continue;
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    mustHold(
      level < ERROR_LEVEL || expected.includes(msg),
      `expected no error in the log: ${line}`,
    );
  }
}
