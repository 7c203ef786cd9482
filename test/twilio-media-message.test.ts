import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  clearMessage,
  MediaMessageError,
  markMessage,
  mediaMessage,
  parseMessage,
} from '../src/twilio/media-message.ts';

const start = {
  event: 'start',
  sequenceNumber: '1',
  start: {
    accountSid: 'AC1',
    streamSid: 'MZ1',
    callSid: 'CA1',
    tracks: ['inbound'],
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
    customParameters: { token: 't', __proto__x: 'p' },
  },
  streamSid: 'MZ1',
};
const media = {
  event: 'media',
  sequenceNumber: '2',
  media: { track: 'inbound', chunk: '1', timestamp: '155', payload: '//8A' },
  streamSid: 'MZ1',
};

function kindOf(text: string): string {
  try {
    parseMessage(text);
  } catch (error) {
    assert.ok(error instanceof MediaMessageError);
    return error.kind;
  }
  return 'none';
}

test('every message of the protocol is read, its strings as numbers', () => {
  assert.deepEqual(parseMessage('{"event":"connected","protocol":"Call","version":"1.0.0"}'), {
    event: 'connected',
  });
  assert.deepEqual(parseMessage(JSON.stringify(start)), {
    event: 'start',
    callSid: 'CA1',
    accountSid: 'AC1',
    customParameters: new Map([
      ['token', 't'],
      ['__proto__x', 'p'],
    ]),
    streamSid: 'MZ1',
    sequenceNumber: 1,
  });
  const sound = parseMessage(JSON.stringify(media));
  assert.ok(sound.event === 'media');
  assert.deepEqual([...sound.mulaw], [0xff, 0xff, 0x00]);
  assert.equal(sound.timestampMs, 155);
  const rest = [
    '{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"#"}}',
    '{"event":"mark","sequenceNumber":"4","streamSid":"MZ1","mark":{"name":"g1:200"}}',
    '{"event":"stop","sequenceNumber":"9","streamSid":"MZ1","stop":{"accountSid":"AC1","callSid":"CA1"}}',
  ];
  assert.deepEqual(rest.map(parseMessage), [
    { event: 'dtmf', digit: '#', streamSid: 'MZ1', sequenceNumber: 5 },
    { event: 'mark', name: 'g1:200', streamSid: 'MZ1', sequenceNumber: 4 },
    { event: 'stop', streamSid: 'MZ1', sequenceNumber: 9 },
  ]);
});

test('what is not of the protocol is told apart by its kind', () => {
  const withMedia = (change: object) =>
    JSON.stringify({ ...media, media: { ...media.media, ...change } });
  assert.equal(kindOf('hello'), 'notJson');
  assert.equal(kindOf('{"event":"transcript"}'), 'unknownEvent');
  assert.equal(kindOf('{"event":"__proto__"}'), 'unknownEvent');
  assert.equal(kindOf(`"${'x'.repeat(20_000)}"`), 'oversized');
  for (const text of ['null', '[]', '7']) assert.equal(kindOf(text), 'malformed');
  for (const change of [
    { payload: 'not base64!' },
    { payload: '//8' },
    { payload: 5 },
    { chunk: 1 },
    { chunk: '-1' },
    { timestamp: '1e3' },
    { timestamp: '' },
    { track: 'outbound' },
  ]) {
    assert.equal(kindOf(withMedia(change)), 'malformed', JSON.stringify(change));
  }
  assert.equal(kindOf(JSON.stringify({ ...media, streamSid: 'MZ"1' })), 'malformed');
  assert.equal(kindOf(JSON.stringify({ ...media, sequenceNumber: undefined })), 'malformed');
  const mediaFormat = { encoding: 'audio/x-l16', sampleRate: 16000, channels: 1 };
  assert.equal(
    kindOf(JSON.stringify({ ...start, start: { ...start.start, mediaFormat } })),
    'wrongFormat',
  );
});

test('no text makes the reader fail in another way', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      kindOf(text);
    }),
  );
  const values = fc.anything({ withNullPrototype: false });
  fc.assert(
    fc.property(
      fc.constantFrom('start', 'media', 'mark', 'dtmf', 'stop'),
      fc.dictionary(fc.constantFrom('streamSid', 'sequenceNumber', 'media', 'mark'), values),
      (event, fields) => {
        let text: string;
        try {
          text = JSON.stringify({ ...fields, event });
        } catch {
          return;
        }
        kindOf(text);
      },
    ),
  );
});

test('an error never quotes the message', () => {
  try {
    parseMessage('{"event":"media","secret words"}');
    assert.fail('it was read');
  } catch (error) {
    assert.doesNotMatch(String(error), /secret/);
  }
});

test('what is sent has exactly the documented fields', () => {
  assert.deepEqual(JSON.parse(mediaMessage('MZ1', new Uint8Array([255, 0, 1]).subarray(1))), {
    event: 'media',
    streamSid: 'MZ1',
    media: { payload: 'AAE=' },
  });
  assert.deepEqual(JSON.parse(markMessage('MZ1', 'a"b')), {
    event: 'mark',
    streamSid: 'MZ1',
    mark: { name: 'a"b' },
  });
  assert.deepEqual(JSON.parse(clearMessage('MZ1')), { event: 'clear', streamSid: 'MZ1' });
});
