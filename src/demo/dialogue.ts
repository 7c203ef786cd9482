/** What is said in the demonstration: a table is booked, with everything that a phone call brings. */

export interface DemoLine {
  id: string;
  /** Spoken by the caller; a number is a pause in the middle, in ms. */
  says: readonly (string | number)[];
  /** What the simulated model answers when it has recognised this recording. */
  reply: string;
  /** When the caller begins: after the agent has finished, or this long after the agent began. */
  begins: 'afterAgent' | { overAgentAfterMs: number };
}

export const DIALOGUE: readonly DemoLine[] = [
  {
    id: 'request',
    says: ['Hello, I would like a table for tomorrow evening.'],
    reply: 'With pleasure. For how many people, and at what time?',
    begins: 'afterAgent',
  },
  {
    id: 'hesitation',
    says: ['We are four people,', 400, 'and would like to come at half past seven.'],
    reply: 'Four people, tomorrow at half past seven. Under which name may I book it?',
    begins: 'afterAgent',
  },
  {
    id: 'backchannel',
    says: ['Uh huh.'],
    // Never asked for: a backchannel is not a turn.
    reply: 'I did not expect to be asked.',
    begins: { overAgentAfterMs: 1200 },
  },
  {
    id: 'name',
    says: ['My name is Miller.'],
    reply:
      'Thank you. I have a table for four, tomorrow at half past seven, under the name Miller. ' +
      'Our kitchen recommends the fresh fish, and there is parking behind the house.',
    begins: 'afterAgent',
  },
  {
    id: 'interruption',
    says: ['Sorry, could we come at eight o clock instead?'],
    reply: 'Of course. Four people, tomorrow at eight. Is that right?',
    begins: { overAgentAfterMs: 2500 },
  },
  {
    id: 'agreement',
    says: ['Yes, that is right.'],
    reply: 'Very well, I have noted it. Is there anything else?',
    begins: 'afterAgent',
  },
  {
    id: 'goodbye',
    says: ['No, thank you very much. Goodbye.'],
    reply: 'Thank you for calling. Goodbye.',
    begins: 'afterAgent',
  },
];
