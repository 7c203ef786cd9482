/** What comes of a tool that the model called. */

export interface DeskAnswer {
  /** JSON text for the model: what happened, or why not and what to do instead. Never an exception. */
  content: string;
  /** False: nothing was done. */
  accepted: boolean;
  effect?: DeskEffect;
}

/** What only the call itself can do. */
export type DeskEffect =
  /** `destination` is a name of the profile's staff; `brief` one sentence for that person. */
  | { type: 'transfer'; destination: string; brief: string }
  | { type: 'endCall' }
  /** A language of the profile. */
  | { type: 'speakLanguage'; language: string };
