import { Desk, type DeskOptions } from '../../src/restaurant/desk.ts';
import type { ReservationBook } from '../../src/restaurant/reservation-book.ts';
import type { Message } from '../../src/restaurant/tool.ts';
import { MemoryBook } from './memory-book.ts';
import { profileWith } from './restaurant-profile.ts';

/** Friday, noon in Berlin. */
export const NOON = Date.parse('2026-11-27T11:00:00Z');
export const CALLER = '+4915112345678';
export const MANAGER = '+493012345670';
export const KITCHEN = '+493012345671';

export const PROFILE = profileWith({
  staff: {
    manager: { number: MANAGER, purpose: 'complaints, groups', hours: 'always' },
    kitchen: { number: KITCHEN, purpose: 'allergies' },
  },
  languages: { en: {}, de: {} },
});

/** A desk with a book in memory, and a way to use a tool and read what the model is told. */
export function openDesk(options: Partial<DeskOptions> & { book?: MemoryBook } = {}) {
  const { now = () => NOON, book = new MemoryBook({ now }) } = options;
  return { ...openDeskWith(book, options), book };
}

/** The same with any book. */
export function openDeskWith(book: ReservationBook, options: Partial<DeskOptions> = {}) {
  const messages: Message[] = [];
  const errors: unknown[] = [];
  const desk = new Desk({
    profile: PROFILE,
    callSid: 'CA1',
    callerPhone: CALLER,
    now: () => NOON,
    takeMessage: async (message) => void messages.push(message),
    onError: (error) => errors.push(error),
    ...options,
    book,
  });
  const use = async (turn: number, name: string, args: unknown = {}) => {
    const answer = await desk.run({ name, argumentsJson: JSON.stringify(args) }, { turn });
    return { ...answer, told: JSON.parse(answer.content) as Record<string, unknown> };
  };
  return { desk, messages, errors, use };
}

/** Friday evening for four, in the name of Miller. */
export const EVENING = { date: '2026-11-27', time: '19:30', party: 4, name: 'Miller' };
