/** What a model may write where words are expected, by what of it may be spoken. */
import fc from 'fast-check';
import { hostileCall, meantCall, type WrittenCall } from './hostile-tool-call.ts';

/** Stands in the words after a leak, and nowhere else. */
export const AFTER_LEAK = 'xylophone';

interface Part {
  text: string;
  /** From its first sign on nothing may be spoken. */
  isLeak: boolean;
}

const plain = fc.constantFrom(
  ...['Good evening. ', 'For how many people? ', 'Yes, ', 'at half past seven. ', 'Dr. Miller, '],
  ...[
    'let me look, ',
    'one moment please ',
    'and then ',
    'a table for 4 of you ',
    '5 < 6 and 3 > 2. ',
  ],
  ...['My number is 030 555 01 99. ', 'Is it +1 (212) 555-0147? ', 'That is 15 * 3 = 45. '],
);
const dirt = fc.oneof(
  fc.constantFrom(
    ...['**Sure** ', '## Hours\n', '- one\n- two\n', '> quote ', '`x` ', '~~no~~ ', '| a | b |\n'],
    ...[
      'https://evil.example/a?b=c ',
      'www.evil.example. ',
      'h*t*tps://evil.example ',
      'ftp://a/b ',
    ],
    ...[
      '[menu](https://evil.example/x_y) ',
      '[a](<https://e.example/b c>) ',
      '![x](http://e/x.png) ',
    ],
    ...[
      '<break time="9s"/> ',
      '<b>bold</b> ',
      '<prosody rate="fast" pitch="x">',
      '<prosody rate="fast" ',
      '</speak>',
      '<',
    ],
    ...[
      '<!-- a "b": c -->',
      '<speed ratio="2" / >',
      '😀👍🏽 ',
      '🏳️‍🌈',
      '\u0000\u0007',
      '\u200b',
      '\u202e',
    ],
    ...[
      '您好。请问几位？',
      'مساء الخير ',
      'Guten Abend, grüß Gott! ',
      '\ud800',
      '&lt;b&gt; ',
      '\\n\\t ',
    ],
  ),
  fc.string({ maxLength: 20 }),
  // Halves of characters among them.
  fc
    .array(fc.nat({ max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom(...'<>|/{}[]()`*_#"\':=,. \nab1'), maxLength: 30 }),
);

const writtenCall = fc
  .tuple(fc.oneof(meantCall, hostileCall), fc.nat({ max: 11 }))
  .map(([call, form]) => FORMS[form % FORMS.length]?.(call) ?? '');
const FORMS: readonly ((call: WrittenCall) => string)[] = [
  ({ name, argumentsJson }) => `{"name": ${JSON.stringify(name)}, "parameters": ${argumentsJson}}`,
  ({ name, argumentsJson }) => `[{"name":${JSON.stringify(name)},"arguments":${argumentsJson}}]`,
  ({ name, argumentsJson }) => `<|python_tag|>{"name": "${name}", "parameters": ${argumentsJson}}`,
  ({ name, argumentsJson }) => `<function=${name}>${argumentsJson}</function>`,
  ({ name, argumentsJson }) =>
    `<tool_call>{"name":"${name}","arguments":${argumentsJson}}</tool_call>`,
  ({ name, argumentsJson }) =>
    `\`\`\`json\n{"function": "${name}", "parameters": ${argumentsJson}}\n\`\`\``,
  ({ argumentsJson }) => `[hold_table(${keywords(argumentsJson)})]`,
  ({ argumentsJson }) => `book(${keywords(argumentsJson)})`,
  ({ argumentsJson }) => `<|python_tag|>book.call(${keywords(argumentsJson)})<|eom_id|>`,
  () => 'transfer("manager")',
  () => '"name": "cancel", "parameters": "B1"',
  () => 'confirm (booking="B1", sure=True)',
];

function keywords(argumentsJson: string): string {
  const pairs = argumentsJson.matchAll(/"(\w+)":("[^"]*"|\d+)/g);
  return [...pairs].map(([, key, value]) => `${key}=${value}`).join(', ') || 'x="y"';
}

const part: fc.Arbitrary<Part> = fc.oneof(
  { weight: 5, arbitrary: plain.map((text) => ({ text, isLeak: false })) },
  { weight: 3, arbitrary: dirt.map((text) => ({ text, isLeak: false })) },
  { weight: 1, arbitrary: writtenCall.map((text) => ({ text, isLeak: true })) },
);
const flood = fc
  .tuple(
    fc.constantFrom(
      ...[
        'word ',
        'a',
        '1',
        '{',
        '<',
        '<b ',
        '*',
        '\n',
        '. ',
        ' ',
        '"',
        '(',
        '_',
        '😀',
        'a.b.',
        '您',
      ],
    ),
    fc.constantFrom(700, 4_000, 16_384, 20_000),
  )
  .map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length));

/** Words and worse, whole. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 100, arbitrary: fc.array(part, { minLength: 1, maxLength: 7 }).map(joined) },
  { weight: 1, arbitrary: flood },
);

function joined(parts: readonly Part[]): string {
  const leakAt = parts.findIndex(({ isLeak }) => isLeak);
  const after = ` The ${AFTER_LEAK} is booked. `;
  return parts.map(({ text }, at) => (leakAt >= 0 && at > leakAt ? after + text : text)).join('');
}
