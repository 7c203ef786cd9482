/** Which windows of a stream hold sound that never reached us. Pure. */
import { WINDOW_MS } from './window-size.ts';

export class LostSound {
  /** Stretches of the stream, oldest first. */
  #stretches: { fromMs: number; toMs: number }[] = [];
  readonly #maxStretches: number;

  /** @param maxStretches By default as many as there can be until their windows are judged. */
  constructor(maxStretches = EVERY_OTHER_FRAME) {
    this.#maxStretches = maxStretches;
  }

  /** What follows the last stretch at once lengthens it. */
  add(fromMs: number, toMs: number): void {
    const last = this.#stretches.at(-1);
    if (last && last.toMs === fromMs) last.toMs = toMs;
    else this.#stretches.push({ fromMs, toMs });
    if (this.#stretches.length > this.#maxStretches) this.#stretches.shift();
  }

  /**
   * Whether more than half of a window was lost. What is shorter than three frames does not count: the
   * sound that stands for it is as good as what was lost. Ask in order: what lies before the window is
   * forgotten.
   */
  takes(windowEndMs: number): boolean {
    const windowStartMs = windowEndMs - WINDOW_MS;
    while (this.#stretches[0] && this.#stretches[0].toMs <= windowStartMs) this.#stretches.shift();
    let lostMs = 0;
    for (const { fromMs, toMs } of this.#stretches) {
      if (toMs - fromMs <= CONCEALED_MS) continue;
      lostMs += Math.max(0, Math.min(toMs, windowEndMs) - Math.max(fromMs, windowStartMs));
    }
    return lostMs > WINDOW_MS / 2;
  }
}

/** Until then the filling is the voice that was heard last, and fades. */
const CONCEALED_MS = 60;
/** Windows are judged within a second or not at all: this is every other frame of two. */
const EVERY_OTHER_FRAME = 50;
