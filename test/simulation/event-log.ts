/** What happened, as text: the last lines to be read, and a hash over all of them. */
const KEPT = 400;

export class EventLog {
  #lines: string[] = [];
  #count = 0;
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;

  /** Two multiplications for each character (cyrb53): a cryptographic hash would take a third of the run. */
  add(line: string): void {
    let high = this.#high;
    let low = this.#low;
    for (let at = 0; at < line.length; at++) {
      const code = line.charCodeAt(at);
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code, 1597334677);
    }
    this.#high = high ^ (low >>> 15);
    this.#low = low ^ (high >>> 13);
    this.#count += 1;
    this.#lines.push(line);
    if (this.#lines.length >= 2 * KEPT) this.#lines = this.#lines.slice(-KEPT);
  }

  get lines(): readonly string[] {
    return this.#lines.slice(-KEPT);
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    return [this.#high, this.#low]
      .map((word) => ((word ^ this.#count) >>> 0).toString(16).padStart(8, '0'))
      .join('');
  }
}
