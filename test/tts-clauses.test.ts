import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ClauseSplitter } from '../src/tts/clauses.ts';
import { endsSentence } from '../src/tts/sentence-end.ts';

function split(text: string, deltas: string[] = [text]) {
  const splitter = new ClauseSplitter();
  const pushed = deltas.flatMap((delta) => splitter.push(delta));
  return { pieces: [...pushed, ...splitter.flush()], leaked: splitter.leaked };
}

describe('a reply is cut into pieces that a voice can speak', () => {
  test('the first piece ends at the first clause, then sentences follow', () => {
    const { pieces } = split('Good evening, thank you for calling us. Shall I book it, then? Yes');
    assert.deepEqual(pieces, [
      'Good evening, ',
      'thank you for calling us. ',
      'Shall I book it, then? ',
      'Yes',
    ]);
  });

  test('the first piece does not wait for a clause that is long', () => {
    const splitter = new ClauseSplitter();
    assert.deepEqual(splitter.push('We have a lovely little table '), [
      'We have a lovely little table ',
    ]);
  });

  test('the first piece does not end at a word that leans on the next one', () => {
    for (const [leaning, rest, first] of [
      ['Tomorrow I can offer your ', 'whole family ', 'Tomorrow I can offer your whole '],
      [
        'The menu of today costs sixty ',
        'five euros ',
        'The menu of today costs sixty five euros ',
      ],
      ['Your reservation has been ', 'confirmed. ', 'Your reservation has been confirmed. '],
      ['We unfortunately do not have ', 'one left, ', 'We unfortunately do not have one left, '],
    ] as const) {
      const splitter = new ClauseSplitter();
      assert.deepEqual(splitter.push(leaning), []);
      assert.deepEqual(splitter.push(rest), [first]);
    }
  });

  test('the first piece ends before a word that opens the next phrase, if there is enough of it', () => {
    for (const [text, first] of [
      ['We have a table for four at seven. ', 'We have a table '],
      ['The kitchen is open until ten. ', 'The kitchen is open '],
      ["I'll put you through to the manager, ", "I'll put you through "],
      ['I am here for you. ', 'I am here for you. '],
      ['There is a table that is free. ', 'There is a table '],
      ['We open on two of your days. ', 'We open on two of your days. '],
    ] as const) {
      const { pieces } = split(text);
      assert.equal(pieces[0], first);
      assert.equal(pieces.join(''), text);
    }
  });

  test('abbreviations, times and decimals do not end a sentence', () => {
    const [first, ...rest] = split(
      'Well, Dr. Smith is at 12 St. James St. from 7.30 p.m. and pays 4.50 to J. R. Miller. Good.',
    ).pieces;
    assert.equal(first, 'Well, ');
    assert.equal(rest[1], 'Good.');
    assert.equal(endsSentence('So do I.'), true);
    assert.equal(endsSentence('1.'), false);
    assert.equal(endsSentence('We open at 7.'), true);
    assert.equal(endsSentence('He said "yes."'), true);
  });

  test('a sentence that never ends is cut at a clause, and at last at a word', () => {
    const clause = 'and then we went on for a while, ';
    const lengths = split(`Well, ${clause.repeat(20)}`).pieces.map((piece) => piece.length);
    assert.ok(Math.max(...lengths) < 160, `${lengths}`);
    const words = split('on and on '.repeat(200)).pieces.map((piece) => piece.length);
    assert.ok(Math.max(...words) < 220, `${words}`);
  });

  test('Chinese and Japanese sentences end without a space', () => {
    assert.deepEqual(split('您好。请问几位？').pieces, ['您好。', '请问几位？']);
  });
});

describe('what must not be spoken does not come out', () => {
  test('markup, links and emoji go, their words stay', () => {
    const { pieces } = split(
      '**Sure!** 😀👍🏽 See [our menu](https://a.b/c.d):\n- *Soup*\n- Fish `x`',
    );
    assert.equal(pieces.join(''), 'Sure! See our menu: Soup Fish x');
    assert.equal(
      split('## Hours\nGo to https://evil.example/x. Bye').pieces.join('|'),
      'Hours |Go to . |Bye',
    );
    assert.equal(
      split('One <break time="9s"/> two \u0000\u200bthree').pieces.join(''),
      'One two three',
    );
  });

  test('a tag that is longer than a piece is held together, and left out if it never ends', () => {
    const { pieces } = split(
      'We have a table for you <break time="9s" strength="x"/> by the window',
    );
    assert.equal(pieces.join(''), 'We have a table for you by the window');
    assert.deepEqual(split('Very well, sir. <prosody rate="fast" ').pieces, [
      'Very well, ',
      'sir. ',
    ]);
  });

  test('a link goes, markup in it or not, and whatever its scheme', () => {
    for (const link of [
      'h*t*tps://evil.example/x',
      'ftp://a/b',
      'https://',
      'w~w~w.evil.example',
    ]) {
      assert.equal(split(`Look at ${link}. Bye`).pieces.join(''), 'Look at . Bye');
    }
  });

  test('what is less than something stays', () => {
    assert.equal(split('As 5 < 6 and 3 > 2, yes.').pieces.join(''), 'As 5 6 and 3 2, yes.');
  });

  const leaks: [string, string][] = [
    ['Sure, let me look. {"name": "book", "parameters": {}}', 'Sure, let me look. '],
    ['{"name": "book"}', ''],
    ['[{"name": "book"}]', ''],
    ['<|python_tag|>book.call(query="x")', ''],
    ['One moment, please. <|python_tag|>{"a": 1}', 'One moment, please. '],
    ['Yes. <tool_call>{"a": 1}</tool_call>', 'Yes. '],
    ['Yes. <function=book>{"a": 1}</function>', 'Yes. '],
    ['Yes. ```json\n{"a": 1}\n```', 'Yes. '],
    ['Yes. [TOOL_CALLS] [{"name"', 'Yes. '],
    ['Let me see. check_availability(party=4)', 'Let me see. '],
    ['Let me see. [book(party=4)]', 'Let me see. '],
    ['Let me see. transfer("manager") Done.', 'Let me see. '],
    ['Let me see. "name": "book", "party": 4', 'Let me see. '],
    ['Let me see. "na*me": "book"', 'Let me see. '],
    ['Let me see. date="today" time="noon"', 'Let me see. '],
    ['Let me see. <book("today")> Done.', 'Let me see. '],
    ['Let me see. <book a="b" <i> Done.', 'Let me see. '],
    [`Let me see. <book ${'so '.repeat(40)}> Done.`, 'Let me see. '],
  ];
  for (const [text, spoken] of leaks) {
    test(`of ${JSON.stringify(text)} only ${JSON.stringify(spoken)} is spoken`, () => {
      assert.deepEqual(split(text, [...text]), { pieces: split(spoken).pieces, leaked: true });
    });
  }

  test('after a leak nothing more comes out', () => {
    const splitter = new ClauseSplitter();
    assert.deepEqual(splitter.push('Well, {'), ['Well, ']);
    assert.deepEqual(splitter.push('"a": 1} Your table is booked. '), []);
    assert.deepEqual(splitter.flush(), []);
  });

  test('a thousand characters without a space are not spoken, and cost little', () => {
    const start = performance.now();
    assert.deepEqual(split('a'.repeat(100_000)), { pieces: [], leaked: true });
    assert.ok(performance.now() - start < 1000);
  });
});

describe('for every text', () => {
  const text = fc
    .array(fc.constantFrom('table', 'Dr.', 'p.m.', '7.30', 'well,', 'you?', 'so.', 'a', '—', '\n'))
    .map((words) => words.join(' '));

  test('the pieces do not depend on how the text was cut into deltas', () => {
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 7 })), (whole, lengths) => {
        const deltas: string[] = [];
        let at = 0;
        for (const length of lengths) {
          deltas.push(whole.slice(at, at + length));
          at += length;
        }
        deltas.push(whole.slice(at));
        assert.deepEqual(split(whole, deltas), split(whole));
      }),
    );
  });

  test('no word is lost, doubled or cut', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const words = (value: string) => value.match(/[\w.,?]+/g) ?? [];
        const spoken = split(whole).pieces;
        assert.deepEqual(spoken.flatMap(words), words(whole));
      }),
    );
  });

  test('nothing that opens a tool call or a tag comes out', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (noise) => {
        assert.doesNotMatch(split(`Well, ${noise}`).pieces.join(''), /[{}<>|`[\]\p{Cc}]/u);
      }),
    );
  });
});
