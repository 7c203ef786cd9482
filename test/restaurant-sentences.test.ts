import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLIP_NAMES } from '../machines/call-protocol.ts';
import { callSentences } from '../src/restaurant/call-sentences.ts';
import { sentences } from '../src/restaurant/sentences.ts';
import { profileWith } from './support/restaurant-profile.ts';

const LANGUAGES = ['en', 'de', 'fr', 'es', 'it'];
const profile = profileWith({
  languages: { en: {}, de: { greeting: 'Aurora, guten Tag.' }, 'de-AT': {}, pt: {} },
});

test('every language has every sentence, each in its own words', () => {
  for (const language of LANGUAGES) {
    const clips = sentences(profile, language);
    assert.deepEqual(Object.keys(clips).sort(), [...CLIP_NAMES].sort(), language);
    for (const text of [...Object.values(clips), ...Object.values(callSentences(language))]) {
      assert.match(text, /^[\p{L}\p{P} ]+[.?]$/u, text);
    }
  }
  for (const name of CLIP_NAMES) {
    const texts = LANGUAGES.map((language) => sentences(profile, language)[name]);
    assert.equal(new Set(texts).size, LANGUAGES.length, name);
  }
});

test('a greeting names the restaurant and says that it is an automatic assistant', () => {
  const plain = profileWith();
  const greetings = LANGUAGES.map((language) => sentences(plain, language).greeting);
  for (const greeting of greetings) {
    assert.match(greeting, /Trattoria Aurora/);
    assert.match(greeting, /automatic assistant|automatisch|automati(que|co)|automático/);
  }
});

test("the profile's own greeting is for its language alone", () => {
  assert.equal(sentences(profile, 'de').greeting, 'Aurora, guten Tag.');
  assert.match(sentences(profile, 'en').greeting, /^Thank you for calling Trattoria Aurora\./);
  assert.match(sentences(profile, 'de-AT').greeting, /^Vielen Dank für Ihren Anruf/);
});

test('a country has the sentences of its language, and a language without any the English ones', () => {
  assert.equal(sentences(profile, 'de-AT').filler, sentences(profile, 'de').filler);
  assert.equal(callSentences('fr-CA').busy, callSentences('fr').busy);
  assert.deepEqual(sentences(profile, 'pt'), sentences(profile, 'en'));
  assert.deepEqual(callSentences('pt'), callSentences('en'));
  assert.deepEqual(callSentences('constructor'), callSentences('en'));
});
