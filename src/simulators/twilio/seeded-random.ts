import { randomBytes } from 'node:crypto';

/** Numbers that a seed repeats. Without a seed they differ in every run. */
export class SeededRandom {
  #state: number;

  constructor(seed: number = randomBytes(4).readUInt32LE()) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  between(least: number, most: number): number {
    return Math.floor(least + this.next() * (most - least + 1));
  }

  /** An identifier of Twilio's form, such as CA and 32 hexadecimal digits. */
  sid(prefix: string): string {
    const digit = () => Math.floor(this.next() * 16).toString(16);
    return prefix + Array.from({ length: 32 }, digit).join('');
  }
}
