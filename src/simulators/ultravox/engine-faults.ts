/** What can be made to go wrong with the simulated engine, for every request from then on. */

export interface EngineFaults {
  /** Every request is answered with this status. */
  httpStatus: number | undefined;
  /** After so many tokens, an error object in the 200 stream. */
  errorInStream: number | undefined;
  hangBeforeFirstToken: boolean;
  hangAfterTokens: number | undefined;
  /** Bytes that are no event stream's, after the headers of one. */
  garbage: boolean;
  /** After so many tokens the connection is destroyed; 0 means before any. */
  resetAfterTokens: number | undefined;
  /** A tool call comes as text, after some words, as from a model that forgets its format. */
  jsonLeak: boolean;
  /** Connections are destroyed as they ask for anything, `/health` included. */
  unreachable: boolean;
  /** `/health` stays 200 whatever the generations do. */
  healthLies: boolean;
  /** Every prompt exceeds the model's context. */
  tooLong: boolean;
  /** The chat template loses the sound: no tokens for it, and nothing heard. */
  dropsAudio: boolean;
  /** Mu-law WAV is refused with a 400. */
  refusesMulaw: boolean;
  /** As a vLLM that was started without tools. */
  refusesTools: boolean;
}

export function noFaults(): EngineFaults {
  return {
    httpStatus: undefined,
    errorInStream: undefined,
    hangBeforeFirstToken: false,
    hangAfterTokens: undefined,
    garbage: false,
    resetAfterTokens: undefined,
    jsonLeak: false,
    unreachable: false,
    healthLies: false,
    tooLong: false,
    dropsAudio: false,
    refusesMulaw: false,
    refusesTools: false,
  };
}

/** What an honest `/health` would say. */
export function isSick(faults: EngineFaults): boolean {
  const isFailing = faults.httpStatus !== undefined && faults.httpStatus >= 500;
  return isFailing || faults.hangBeforeFirstToken || faults.hangAfterTokens !== undefined;
}
