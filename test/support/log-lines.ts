/** A log in memory, as the operator would read it. */
import pino, { type Logger } from 'pino';

export interface LogLine {
  msg: string;
  level: number;
  callSid?: string;
  [field: string]: unknown;
}

export class LogLines {
  /** As written, one line each. */
  readonly written: string[] = [];
  readonly log: Logger = pino({ level: 'trace' }, { write: (line) => this.written.push(line) });

  get all(): LogLine[] {
    return this.written.map((line) => JSON.parse(line));
  }

  saying(msg: string): LogLine[] {
    return this.all.filter((line) => line.msg === msg);
  }
}
