/** What became of one generation of sound. Moments are of the clock that the caller passes in. */
export interface Playout {
  generation: number;
  beganAt: number;
  endedAt: number;
  how: 'echoed' | 'overdue' | 'cleared';
  writtenMs: number;
  heardMs: number;
  /** Media messages: when each was sent, its ms of sound, and by how many ms it was sent too late. */
  sent: (readonly [at: number, ms: number, lateMs: number])[];
  /** Marks: the ms of sound before each, when it was sent, and when it came back. */
  marks: (readonly [offsetMs: number, sentAt: number, echoedAt: number | null])[];
}

/** Follows one stream's generations, one at a time. Pure. */
export class PlayoutLog {
  #generation = 0;
  #open: Omit<Playout, 'endedAt' | 'how' | 'writtenMs' | 'heardMs'> | undefined;
  #sentMs = 0;
  /** Of the marks that were sent, by name. */
  #indexOf = new Map<string, number>();

  begin(nowMs: number): void {
    this.#generation += 1;
    this.#open = { generation: this.#generation, beganAt: nowMs, sent: [], marks: [] };
    this.#sentMs = 0;
    this.#indexOf.clear();
  }

  sent(ms: number, nowMs: number, lateMs: number): void {
    this.#sentMs += ms;
    this.#open?.sent.push([nowMs, ms, lateMs]);
  }

  marked(name: string, nowMs: number): void {
    if (!this.#open) return;
    this.#indexOf.set(name, this.#open.marks.push([this.#sentMs, nowMs, null]) - 1);
  }

  echoed(name: string, nowMs: number): void {
    const index = this.#indexOf.get(name);
    const mark = index === undefined ? undefined : this.#open?.marks[index];
    if (index === undefined || !mark || mark[2] !== null) return;
    this.#open?.marks.splice(index, 1, [mark[0], mark[1], nowMs]);
  }

  /** @returns undefined where no generation was open, or it never had any sound */
  end(
    how: Playout['how'],
    { writtenMs, heardMs }: Pick<Playout, 'writtenMs' | 'heardMs'>,
    nowMs: number,
  ): Playout | undefined {
    const ended = this.#open;
    this.#open = undefined;
    if (!ended || writtenMs === 0) return undefined;
    return { ...ended, endedAt: nowMs, how, writtenMs, heardMs };
  }
}
