/** How loud one side is, fifty times a second. */
import { element } from './element.ts';

/** What fills nothing of it, and all of it; speech on a telephone is between -40 and -10 dB. */
const EMPTY_DB = -60;
const FULL_DB = -8;
/** It falls by this share of its length a frame, so that an eye can follow. */
const FALL = 0.06;

export class LevelMeter {
  readonly element: HTMLElement;
  readonly #bar = element('span', { class: 'meter-bar' });
  #shown = 0;

  /** @param side for its colour */
  constructor(name: string, side: 'caller' | 'agent') {
    this.element = element(
      'div',
      { class: `meter ${side}` },
      element('span', { class: 'meter-name' }, name),
      // Those who cannot see it hear it.
      element('span', { class: 'meter-track', 'aria-hidden': 'true' }, this.#bar),
    );
    this.#draw();
  }

  /** @param db below full scale; undefined: there is no sound at all */
  show(db: number | undefined): void {
    const share = db === undefined ? 0 : meterShare(db);
    this.#shown = db === undefined ? 0 : Math.max(share, this.#shown - FALL);
    this.#draw();
  }

  #draw(): void {
    this.#bar.style.transform = `scaleX(${this.#shown.toFixed(3)})`;
  }
}

function meterShare(db: number): number {
  return Math.min(1, Math.max(0, (db - EMPTY_DB) / (FULL_DB - EMPTY_DB)));
}
