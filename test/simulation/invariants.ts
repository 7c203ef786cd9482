/** What must hold in every simulated call, whatever fails; by the names that a failure is reported with. */
export const INVARIANTS = {
  endsInTime: 'a call ends by its cap',
  oneRecord: 'each call that reached us has exactly one record, with an outcome',
  ownOutcome: 'what a call decided is what its record says',
  slot: 'never more requests in the slot of the engine than configured',
  hushed: 'after sound was stopped, none is sent before the next word to the agent',
  noLateSound: 'after an answer was given up, none of its sound is sent',
  noCrossing: 'what is heard in a call was said for that call',
  onlyWritten: 'the voice is given only what the model wrote, or what is said in every call',
  ownHistory: 'the engine is asked with what was said in that call only',
  heardHistory: 'history is what was heard, to within a word',
  deadAir: 'the caller never waits in silence for longer than the bound',
  bookedBeforeSaid: 'a booking is told as confirmed only after its commit',
  noLostBooking: 'what was told as confirmed is in the book',
  noLostMessage: 'what was told to be taken as a message is written down',
  noDoubleBooking: 'nobody is booked twice for one wish, and no table at one time',
  noStreamAfterEnd: 'nothing is sent to a stream that has ended',
  logsAreSilent: 'no secret, no number and no word of a call is logged',
  nothingThrown: 'no error leaves its call',
  machineLives: 'the call machine does not fail',
  nothingLeft: 'after the end nothing is held: no timer, stream, queue entry, context, listener',
  recovers: 'when all faults are over, calls are taken and answered again',
  nothingRefused: 'the database is given nothing that it refuses',
  heardOut: 'speech counts as said only when the caller has heard all of it',
  boundedLead: 'Twilio holds no more sound than the lead',
  askedInTurn: 'an answer is asked for in a pause or in silence, never while one is heard',
  turnIsOver: 'a turn of the caller becomes history only when it is over',
  silenceFirst: 'who waits in silence goes before work that nobody waits for',
  servedInTime: 'nobody stands in line for longer than the deadline',
  nobodysWork: 'what is given up is stopped, at the engine and at the voice',
  heldOnce: 'a table that gives way to another is given back',
  wholeJournal: 'all that happened in a call is written down, once and in order',
  saysGoodbye: 'a process that is told to go says goodbye to every caller',
  nothingDropped: 'no entry of the journal is lost while disk or database can take it',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  invariant: Invariant;
  detail: string;
  atMs: number;
}
