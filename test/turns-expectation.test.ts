import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expectationOf } from '../src/turns/expectation.ts';
import type { Expectation } from '../src/turns/turn-policy.ts';

const examples: Record<Expectation, string[]> = {
  yesNo: [
    'Shall I book that for you?',
    'I have a table for four at seven on Friday. Is that right?',
    'Would you like me to confirm it?',
    'So that is four people at eight, correct?',
    'Is your number still 555 0134?',
    'Is this the best number to reach you?',
    'Did I get your name right?',
    "We're full at eight, but would nine work?",
    'Is that okay? Take your time.',
    'Does half past seven work for you?',
  ],
  number: [
    "What's the best phone number to reach you?",
    'And a phone number, please?',
    'May I have your telephone number?',
    'Could I get your phone number? Thank you.',
    'Please tell me your booking reference number.',
    'Can you give me the number again?',
    'What is your post code?',
  ],
  name: [
    'What name should I put it under?',
    'Your name, please.',
    'Could you spell that for me?',
    'Who is the reservation for?',
    'And your last name?',
    'What is your email address?',
  ],
  open: [
    '',
    'Hello, thank you for calling Bella Vista.',
    'How can I help you today?',
    'What time would you like?',
    'How many people will it be?',
    'Would you prefer inside or outside?',
    'Is there anything else I can help you with?',
    "I've put it under the name Smith. What time?",
    'I will note the number.',
    'Is that right, or would you like to change something?',
    '¿A nombre de quién?',
    'Wie ist Ihr Name?',
    '…?!',
  ],
};

describe('what the agent has just asked for', () => {
  for (const [expected, texts] of Object.entries(examples)) {
    for (const text of texts) {
      it(`is ${expected} after "${text}"`, () => assert.equal(expectationOf(text), expected));
    }
  }

  it('is what comes last, however much was said before', () => {
    const told = 'We open at five. '.repeat(5000);
    assert.equal(expectationOf(`${told}Shall I book it?`), 'yesNo');
    assert.equal(expectationOf(`Shall I book it? ${told}`), 'open');
  });
});
