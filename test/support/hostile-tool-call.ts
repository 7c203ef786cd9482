/** What a model may write where it calls a tool: what was meant, what was not, and what is no call. */
import fc from 'fast-check';
import { toolsOf } from '../../src/restaurant/toolbox.ts';
import { CALLER, KITCHEN, MANAGER, PROFILE } from './open-desk.ts';

export interface WrittenCall {
  name: string;
  argumentsJson: string;
}

const names = [...toolsOf(PROFILE).keys()];
const name = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...names) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...['__proto__', 'constructor', 'toString', 'holdTable', 'HOLD_TABLE', 'hold_table '],
      ...['dial', 'transfer', 'eval', 'confirm', '', '../hold_table', 'hold_table\u0000'],
      ...['<|audio|>', '<|eot_id|>', '"}]{"name":"end_call'],
    ),
  },
  { weight: 1, arbitrary: fc.string() },
);

/** Values that a tool could mean, among others that none does. */
const value = fc.oneof(
  fc.constantFrom(
    ...['B1', 'B2', 'B3', 'b1', 'B99', '2026-11-28', '2026-11-29', 'friday', 'tomorrow'],
    ...['19:30', '7:30 pm', '20.00', 'Miller', 'Ann', '1234', '9999', 'manager', 'Kitchen'],
    ...['de', 'German', MANAGER, KITCHEN, CALLER, 'https://evil.example', 'tel:+1900', 'foreign-1'],
    ...['<|audio|>', '<|eot_id|>', '\ud800'],
  ),
  fc.integer({ min: -1, max: 30 }),
  fc.string(),
  fc.jsonValue({ maxDepth: 3 }),
);
const key = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.constantFrom(
      ...['booking', 'date', 'time', 'party', 'name', 'phone', 'note', 'last_digits'],
      ...['text', 'destination', 'reason', 'language'],
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'number', MANAGER, KITCHEN) },
  { weight: 1, arbitrary: fc.string() },
);
const handle = fc.record({ booking: fc.constantFrom('B1', 'B2', 'B3', 'B4') });
const written = <T>(name: string, args: fc.Arbitrary<T>): fc.Arbitrary<WrittenCall> =>
  args.map((each) => ({ name, argumentsJson: JSON.stringify(each) }));

export const holdCall = written(
  'hold_table',
  fc.record({
    date: fc.constantFrom('2026-11-28', '2026-11-29', 'today'),
    time: fc.constantFrom('19:30', '8 pm', '21:00'),
    party: fc.integer({ min: 1, max: 8 }),
    name: fc.constantFrom('Miller', 'Ann', 'Ann', MANAGER),
  }),
);
export const confirmCall = written('confirm_booking', handle);
const change = fc.record({
  booking: fc.constantFrom('B1', 'B2', 'B3'),
  party: fc.integer({ min: 1, max: 8 }),
});
const search = fc.record({
  name: fc.constantFrom('Miller', 'Stone'),
  last_digits: fc.constantFrom('1234', '5678'),
});
const transfer = fc.record(
  { destination: fc.oneof(fc.constantFrom('manager', 'kitchen'), value), reason: value },
  { requiredKeys: [] },
);

/** Near enough to what the tools want for many to be carried out. */
export const meantCall = fc.oneof(
  holdCall,
  confirmCall,
  written('cancel_booking', handle),
  written('change_booking', change),
  written('find_booking', search),
  written('transfer_to_staff', transfer),
  written('end_call', fc.constant({})),
);

const argumentsJson = fc.oneof(
  fc.array(fc.tuple(key, value), { maxLength: 6 }).map(
    // Keys may come twice.
    (entries) =>
      `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`,
  ),
  fc.json(),
  fc.string(),
  fc.constantFrom('', 'null', '[]', '{', '{"booking":"B1"}', '{"__proto__":{"booking":"B1"}}'),
  fc.nat({ max: 20_000 }).map((length) => '['.repeat(length)),
);

/** Any name with any arguments. */
export const hostileCall: fc.Arbitrary<WrittenCall> = fc.record({ name, argumentsJson });
