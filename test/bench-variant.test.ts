import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variantEnv, variantName, variantsOf } from '../src/bench/variant.ts';
import { ownShareMs } from '../src/call/own-share.ts';
import { loadConfig } from '../src/config.ts';
import { UsageError } from '../src/usage-error.ts';

test('every combination of what is asked for is measured once', () => {
  const names = (speculation: string, slot: string) =>
    variantsOf({ speculation, slot }).map(variantName);
  assert.deepEqual(names('on', 'first-token'), ['speculation on, slot first-token']);
  assert.deepEqual(names('on,off,on', 'first-token,reply'), [
    'speculation on, slot first-token',
    'speculation off, slot first-token',
    'speculation on, slot reply',
    'speculation off, slot reply',
  ]);
});

test('a value that there is not is refused with those that there are', () => {
  const asking = (speculation: string, slot: string) => () => variantsOf({ speculation, slot });
  assert.throws(asking('maybe', 'reply'), UsageError);
  assert.throws(asking('on', 'first-token,'), /expected --slot first-token or reply/);
});

test('the server is set as the variant says', () => {
  const env = {
    PUBLIC_URL: 'https://calls.example',
    TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'a token',
    CARTESIA_API_KEY: 'a key',
    ULTRAVOX_URL: 'http://127.0.0.1:1/v1',
  };
  const [variant] = variantsOf({ speculation: 'off', slot: 'reply' });
  const config = loadConfig({ ...env, ...variantEnv(variant!) });
  assert.deepEqual([config.ENGINE_SPECULATION, config.ENGINE_SLOT], ['off', 'wholeReply']);
  const usual = loadConfig(env);
  assert.deepEqual([usual.ENGINE_SPECULATION, usual.ENGINE_SLOT], ['on', 'firstToken']);
});

test('our own share is what we did, and not what we waited for', () => {
  const timing = {
    turn: 1,
    endpointReason: '',
    askedMs: 140,
    startedMs: 200,
    firstTokenMs: 352,
    firstClauseMs: 380.2,
    firstSoundMs: 472,
    finishedMs: 440,
    audibleMs: 474,
  };
  const own = { heardMs: 433, sentMs: 201, clauseWrittenMs: 380, voiceAskedMs: 380.5 };
  assert.equal(ownShareMs({ ...timing, ...own }), 7 + 1 + 0.5 + 2);
  assert.equal(ownShareMs(timing), undefined, 'an answer to a key, or of another voice');
  const early = { ...timing, ...own, firstSoundMs: 400, audibleMs: 441 };
  assert.equal(ownShareMs(early), 7 + 1 + 0.5 + 1, 'sound that is held is not on its way');
});
