import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerKey, callerNumber, last4 } from '../src/journal/caller-key.ts';

const NUMBER = '+493012345678';

test('a number has one key, however it is written', () => {
  const key = callerKey(NUMBER, 'secret');
  assert.match(key ?? '', /^[A-Za-z0-9_-]{43}$/);
  for (const written of [
    ' +493012345678 ',
    '+49 30 1234-5678',
    '+49 (30) 1234.5678',
    '00493012345678',
    '493012345678',
  ]) {
    assert.equal(callerKey(written, 'secret'), key, written);
    assert.equal(callerNumber(written), NUMBER, written);
  }
});

test('another number or another secret has another key, and none holds the number', () => {
  const keys = [callerKey(NUMBER, 'a'), callerKey(NUMBER, 'b'), callerKey('+493012345679', 'a')];
  assert.equal(new Set(keys).size, 3);
  for (const key of keys) assert.doesNotMatch(key ?? '', /3012345/);
});

test('the key is HMAC-SHA256 of the E.164 number', () => {
  // printf '+493012345678' | openssl dgst -sha256 -hmac secret -binary | basenc --base64url
  assert.equal(callerKey(NUMBER, 'secret'), 'b23OUb4R_EGBnWmp4vjfQf_gxZ23xMOEaedpEt8RcU8');
});

test('who withholds the number has no key, and is not taken for others who do', () => {
  for (const none of [
    '',
    ' ',
    'anonymous',
    'Restricted',
    'unavailable',
    '+266696687',
    '+86282452253',
    '+7748283',
    'sip:guest@example.com',
    'client:web',
    '030 1234567',
    '+49',
    '+4930123456789012',
  ]) {
    assert.equal(callerKey(none, 'secret'), undefined, none);
    assert.equal(last4(none), undefined, none);
  }
});

test('the last four digits are those of the number', () => {
  assert.equal(last4('+49 30 1234 56-78'), '5678');
});
