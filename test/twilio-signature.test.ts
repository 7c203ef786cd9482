import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { isSignedRequest, isSignedUpgrade } from '../src/twilio/signature.ts';

/** The example of Twilio's documentation. */
const vector = {
  authToken: '12345',
  signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  publicUrl: 'https://mycompany.com',
  path: '/myapp.php?foo=1&bar=2',
  params: {
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675309',
    Digits: '1234',
    From: '+14158675309',
    To: '+18005551212',
  },
};

function sign(url: string): string {
  return createHmac('sha1', '12345').update(url).digest('base64');
}

test("Twilio's own example is signed, and with any part of it changed it is not", () => {
  assert.ok(isSignedRequest(vector));
  assert.ok(isSignedRequest({ ...vector, publicUrl: 'https://mycompany.com/' }));
  const wrong = [
    { ...vector, authToken: '12346' },
    { ...vector, signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B9=' },
    { ...vector, signature: undefined },
    { ...vector, signature: '' },
    { ...vector, publicUrl: 'https://mycompany.com/v4' },
    { ...vector, path: '/myapp.php?foo=1' },
    { ...vector, params: { ...vector.params, Digits: '1235' } },
    { ...vector, params: { ...vector.params, Extra: '' } },
    { ...vector, params: {} },
  ];
  for (const options of wrong) assert.equal(isSignedRequest(options), false);
});

test('a repeated field is refused, although its signature would hold', () => {
  const params = { ...vector.params, To: ['+18005551212', '+18005551212'] };
  assert.equal(isSignedRequest({ ...vector, params }), false);
});

test('what cannot be parsed is unsigned, not an error', () => {
  assert.equal(isSignedRequest({ ...vector, publicUrl: 'no url', path: '' }), false);
  assert.equal(isSignedUpgrade({ ...vector, publicUrl: 'no url', path: '' }), false);
});

test('a path that a proxy cut off belongs to the signed URL', () => {
  const publicUrl = 'https://h.example/v4/p-1/app';
  const signature = sign(`${publicUrl}/`);
  assert.ok(isSignedRequest({ authToken: '12345', signature, publicUrl, path: '/', params: {} }));
});

test('an upgrade is signed over any of the forms of its URL that Twilio is known to use', () => {
  const publicUrl = 'https://h.example/app';
  const check = (url: string) =>
    isSignedUpgrade({ authToken: '12345', signature: sign(url), publicUrl, path: '/media' });
  for (const scheme of ['wss', 'https']) {
    for (const host of ['h.example', 'h.example:443']) {
      for (const end of ['', '/']) assert.ok(check(`${scheme}://${host}/app/media${end}`));
    }
  }
  assert.equal(check('wss://h.example/media'), false);
  assert.equal(check('wss://other.example/app/media'), false);
  assert.equal(
    isSignedUpgrade({ authToken: '12345', signature: undefined, publicUrl, path: '/media' }),
    false,
  );
});
