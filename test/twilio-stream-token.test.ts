import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueStreamToken, type StreamClaims, StreamTokens } from '../src/twilio/stream-token.ts';

const secret = 'an auth token';
const callSid = `CA${'1'.repeat(32)}`;

test('a token is good once, on any replica with the same secret', () => {
  const token = new StreamTokens({ secret }).issue(callSid);
  assert.ok(`streamToken${token}`.length < 500);
  const replica = new StreamTokens({ secret });
  assert.equal(replica.redeem(token, callSid), 'ok');
  assert.equal(replica.redeem(token, callSid), 'used');
});

test('a token of another call, another secret or another time is refused', () => {
  const tokens = new StreamTokens({ secret });
  const token = tokens.issue(callSid);
  assert.equal(tokens.redeem(token, `CA${'2'.repeat(32)}`), 'otherCall');
  assert.equal(new StreamTokens({ secret: 'another' }).redeem(token, callSid), 'forged');
  const old = issueStreamToken({ secret, callSid, nowMs: Date.now() - 30_001 });
  assert.equal(tokens.redeem(old, callSid), 'expired');
  assert.equal(tokens.redeem(token, callSid), 'ok', 'a refusal does not use it up');
});

test('a token holds what travels beside it', () => {
  const tokens = new StreamTokens({ secret });
  const token = tokens.issue(callSid, { direction: 'inbound', caller: '+15550123' });
  const others: StreamClaims[] = [
    {},
    { direction: 'inbound' },
    { direction: 'inbound', caller: '+15550124' },
    { direction: 'inbound', caller: '+15550123', more: '1' },
  ];
  for (const claims of others) {
    assert.equal(tokens.redeem(token, callSid, claims), 'forged');
  }
  assert.equal(tokens.redeem(token, callSid, { caller: '+15550123', direction: 'inbound' }), 'ok');
});

test('a token with any character changed is refused', () => {
  const tokens = new StreamTokens({ secret });
  const token = tokens.issue(callSid);
  for (let i = 0; i < token.length; i++) {
    const changed = token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1);
    const verdict = tokens.redeem(changed, callSid);
    assert.ok(verdict === 'forged' || verdict === 'malformed', `${i}: ${verdict}`);
  }
  for (const text of ['', 'v1', 'x'.repeat(10_000), `${token}.`]) {
    assert.equal(tokens.redeem(text, callSid), 'malformed');
  }
});

test('a CallSid that would break the token is refused', () => {
  const nowMs = 0;
  for (const wrong of ['', 'CA.1', 'x'.repeat(65)]) {
    assert.throws(() => issueStreamToken({ secret, callSid: wrong, nowMs }), RangeError);
  }
});
