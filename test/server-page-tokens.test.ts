import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageTokens } from '../src/server/page-tokens.ts';
import { StreamTokens } from '../src/twilio/stream-token.ts';

const SECRET = 'an auth token';

test("a page's socket may reach another replica than the page did, which takes it once", () => {
  const [here, there] = [new PageTokens(SECRET), new PageTokens(SECRET)];
  const protocol = here.issue()!;
  assert.equal(there.redeem(protocol), true);
  assert.equal(there.redeem(protocol), false);
  assert.equal(new PageTokens('another auth token').redeem(here.issue()!), false);
});

test('a token is a sub-protocol that a browser can ask for, and is no token of a stream', () => {
  const protocol = new PageTokens(SECRET).issue()!;
  // What RFC 6455 takes from RFC 9110's token.
  assert.match(protocol, /^[\w.-]{1,200}$/);
  const streams = new StreamTokens({ secret: SECRET });
  const token = protocol.replace(/^softphone\./, '');
  assert.equal(streams.redeem(token, 'softphone'), 'forged');
  assert.equal(new PageTokens(SECRET).redeem(`softphone.${streams.issue('softphone')}`), false);
});
