/**
 * Follows the level of the line when nobody speaks: falls at once with a quieter window, rises
 * slowly, and only in windows without speech.
 */
export class NoiseFloor {
  #db = INITIAL_DB;

  get db(): number {
    return this.#db;
  }

  push(levelDb: number, speech: boolean, windowMs: number): void {
    const risen = speech ? this.#db : this.#db + (RISE_DB_PER_S * windowMs) / 1000;
    this.#db = Math.min(levelDb, risen);
  }
}

/** Above any telephone line's noise, so that the first quiet window sets the floor. */
const INITIAL_DB = -30;
/** A lorry passing for ten seconds must not make speech look like silence. */
const RISE_DB_PER_S = 6;
