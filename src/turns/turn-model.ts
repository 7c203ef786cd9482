/** A network that listens to the caller's turn and says whether it is over. */
export interface TurnModel {
  /**
   * @param turn the turn so far at 8 kHz, up to a pause
   * @returns from 0, it goes on, to 1, it is over; undefined where there is no answer in time. Never rejects
   */
  judge(turn: Int16Array): Promise<number | undefined>;
  close(): Promise<void>;
}

export type TurnModelErrorKind = 'load' | 'died';

/** The turn model could not be loaded, or has stopped for good. */
export class TurnModelError extends Error {
  override name = 'TurnModelError';
  readonly kind: TurnModelErrorKind;
  constructor(kind: TurnModelErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
