/** What is said in the demonstration: a table is booked, with everything that a phone call brings. */

export interface DemoLine {
  id: string;
  /** Spoken by the caller; a number is a pause in the middle, in ms. */
  says: readonly (string | number)[];
  /** What the simulated model calls when it has recognised this recording. */
  tool?: {
    name: string;
    /** @param booking the one that a tool named last */
    arguments(booking: string | undefined): Record<string, unknown>;
  };
  /** What it answers then. */
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
    says: ['We are four people,', 300, 'and would like to come at half past seven.'],
    tool: {
      name: 'check_availability',
      arguments: () => ({ date: 'tomorrow', time: '19:30', party: 4 }),
    },
    reply: 'Tomorrow at half past seven is free. Under which name may I book it?',
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
    tool: {
      name: 'hold_table',
      arguments: () => ({ date: 'tomorrow', time: '19:30', party: 4, name: 'Miller' }),
    },
    reply:
      'Thank you. I have a table for four, tomorrow at half past seven, under the name Miller. ' +
      'Our kitchen recommends the fresh fish, and there is parking behind the house.',
    begins: 'afterAgent',
  },
  {
    id: 'interruption',
    says: ['Sorry, could we come at eight o clock instead?'],
    tool: {
      name: 'hold_table',
      arguments: () => ({ date: 'tomorrow', time: '20:00', party: 4, name: 'Miller' }),
    },
    reply: 'Of course. Four people, tomorrow at eight, under the name Miller. Is that right?',
    begins: { overAgentAfterMs: 2500 },
  },
  {
    id: 'agreement',
    says: ['Yes, that is right.'],
    tool: { name: 'confirm_booking', arguments: (booking) => ({ booking }) },
    reply: 'Very well, your table is booked. Is there anything else?',
    begins: 'afterAgent',
  },
  {
    id: 'goodbye',
    says: ['No, thank you very much. Goodbye.'],
    tool: { name: 'end_call', arguments: () => ({}) },
    // Said by the call itself, which then ends.
    reply: 'Thank you for calling. Goodbye.',
    begins: 'afterAgent',
  },
];
