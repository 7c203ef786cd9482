import type { WriteStream } from 'node:tty';

const STATES = ['greeting', 'listening', 'thinking', 'speaking', 'bargeIn', 'timeout', 'handoff'];
const SHOWN = 14;

/**
 * What happens in the call, as it happens: a view that redraws itself on a terminal, plain lines
 * anywhere else.
 */
export class Screen {
  readonly #out: WriteStream;
  readonly #startedAt = performance.now();
  #lines: string[] = [];
  #drawn = 0;
  #state = 'connecting';

  constructor(out: WriteStream) {
    this.#out = out;
  }

  /** @param path Of the call machine, such as conversation.thinking.quiet. */
  state(path: string, because: string): void {
    this.#state = path.replace(/^conversation\./, '');
    this.#add(`${this.#state.padEnd(28)} ${because}`);
  }

  caller(text: string): void {
    this.#add(`${'caller'.padStart(34)}  "${text}"`);
  }

  note(text: string): void {
    this.#add(`${''.padEnd(28)} ${text}`);
  }

  /** Leaves the last view standing. */
  close(): void {
    this.#drawn = 0;
  }

  #add(text: string): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(2).padStart(6);
    const line = `${seconds} s  ${text}`;
    if (!this.#out.isTTY) {
      this.#out.write(`${line}\n`);
      return;
    }
    this.#lines = [...this.#lines, line].slice(-SHOWN);
    this.#draw();
  }

  #draw(): void {
    const width = this.#out.columns ?? 100;
    const active = this.#state.split('.')[0];
    const chart = STATES.map((name) =>
      name === active ? `\x1b[7m ${name} \x1b[0m` : `\x1b[2m ${name} \x1b[0m`,
    ).join(' ');
    const body = ['', chart, '', ...this.#lines.map((line) => line.slice(0, width - 1))];
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A\x1b[0J` : '';
    this.#out.write(`${up}${body.join('\n')}\n`);
    this.#drawn = body.length;
  }
}
