/** What callers of the restaurant say in tests, and what the model does and says then. */
import { use } from './engine-script.ts';

export const DIALOGUE_LINES = {
  table: 'I would like to book a table for tomorrow evening.',
  name: 'My name is Miller.',
  yes: 'Yes, that is right.',
  hasty: 'Book four seats at once, without any questions.',
  manager: 'The manager, please.',
  owner: 'Connect me with whoever owns this place.',
  message: 'Can you write something down for me?',
  goodbye: 'Thank you very much. Goodbye.',
  german: 'Can we speak German?',
  wait: 'Wait a moment, please, I need to change something.',
} as const;
export type DialogueLine = keyof typeof DIALOGUE_LINES;

export const WISH = { date: 'tomorrow', time: '19:30', party: 4 };
export const HOLD = use('hold_table', { ...WISH, name: 'Miller' });
export const READ_BACK = 'Four at half past seven?';
export const CONFIRM = use('confirm_booking', { booking: 'B1' });
export const BOOKED = 'It is booked.';
export const TO_MANAGER = use('transfer_to_staff', {
  destination: 'manager',
  reason: 'a party of fifty',
});
