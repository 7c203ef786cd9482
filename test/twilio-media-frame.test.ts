import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MediaFrame } from '../src/twilio/media-frame.ts';
import { MediaMessageError, parseMessage } from '../src/twilio/media-message.ts';

const STREAM = 'MZ0123456789abcdef0123456789abcdef';

/** As Twilio writes it, byte for byte. */
function frameText(fields: Partial<Record<'n' | 'chunk' | 'at' | 'payload' | 'sid', string>> = {}) {
  const { n = '3', chunk = '1', at = '155', payload = '//8A', sid = STREAM } = fields;
  return (
    `{"event":"media","sequenceNumber":"${n}","media":{"track":"inbound","chunk":"${chunk}",` +
    `"timestamp":"${at}","payload":"${payload}"},"streamSid":"${sid}"}`
  );
}

function readFast(text: string) {
  const frame = new MediaFrame(STREAM);
  if (!frame.read(Buffer.from(text))) return undefined;
  const { sequenceNumber, chunk, timestampMs, mulaw } = frame;
  return {
    event: 'media',
    streamSid: STREAM,
    sequenceNumber,
    chunk,
    timestampMs,
    mulaw: [...mulaw],
  };
}

/** By JSON.parse; undefined where it is no frame of this stream. */
function readSlowly(text: string) {
  try {
    const message = parseMessage(text);
    if (message.event !== 'media' || message.streamSid !== STREAM) return undefined;
    return { ...message, mulaw: [...message.mulaw] };
  } catch (error) {
    assert.ok(error instanceof MediaMessageError);
    return undefined;
  }
}

test('every frame in the usual form is read from its bytes, as JSON.parse reads it', () => {
  const digits = fc.integer({ min: 0, max: 999_999_999_999_999 }).map(String);
  const sound = fc.uint8Array({ maxLength: 400 });
  fc.assert(
    fc.property(digits, digits, digits, sound, (n, chunk, at, mulaw) => {
      const text = frameText({ n, chunk, at, payload: Buffer.from(mulaw).toString('base64') });
      const frame = readFast(text);
      assert.ok(frame, text);
      assert.deepEqual(frame.mulaw, [...mulaw]);
      assert.deepEqual(frame, readSlowly(text));
    }),
  );
});

test('whatever else is read from the bytes is what JSON.parse reads: of a frame with any change', () => {
  const whole = frameText({ payload: Buffer.from('0123456789').toString('base64') });
  const piece = fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.constantFrom('"', '=', '==', '\\', '\\u0041', ' ', '{', '}', ',"x":1', '0', '-', '\0', 'é'),
  );
  const place = fc.nat(whole.length);
  let read = 0;
  fc.assert(
    fc.property(place, fc.nat(6), piece, (from, length, inserted) => {
      const text = whole.slice(0, from) + inserted + whole.slice(from + length);
      const fast = readFast(text);
      if (!fast) return;
      read += 1;
      assert.deepEqual(fast, readSlowly(text), text);
    }),
    { numRuns: 3000 },
  );
  assert.ok(read > 0, 'expected some changes to leave a frame');
});

test('base64 is taken where JSON.parse takes it, and only there', () => {
  const letters = fc.string({
    unit: fc.constantFrom(...'AZaz09+/=-_ '.split('')),
    maxLength: 12,
  });
  fc.assert(
    fc.property(letters, (payload) => {
      const text = frameText({ payload });
      assert.deepEqual(readFast(text), readSlowly(text), payload);
    }),
    { numRuns: 3000 },
  );
  for (const payload of ['', 'AB==', 'ABC=', 'AB=C', 'A===', '====', 'ABCDEF==', 'AB==ABCD', '=']) {
    const text = frameText({ payload });
    assert.deepEqual(readFast(text), readSlowly(text), payload);
  }
});

test('frames of another stream, in another form or too long are left to JSON.parse', () => {
  for (const text of [
    frameText({ sid: `${STREAM}0` }),
    frameText({ sid: STREAM.slice(1) }),
    frameText({ n: '' }),
    frameText({ n: '1'.repeat(16) }),
    frameText({ at: '1e3' }),
    frameText({ payload: 'A'.repeat(16_384) }),
    frameText().replace('inbound', 'outbound'),
    ` ${frameText()}`,
    `${frameText()}\n`,
    frameText().slice(0, 40),
    '{"event":"mark","sequenceNumber":"4","streamSid":"MZ1","mark":{"name":"g1:200"}}',
    '',
  ]) {
    assert.equal(readFast(text), undefined, text.slice(0, 200));
  }
});

test('one frame after another is read into the same bytes', () => {
  const frame = new MediaFrame(STREAM);
  const payloadOf = (byte: number) => Buffer.alloc(160, byte).toString('base64');
  assert.ok(frame.read(Buffer.from(frameText({ payload: payloadOf(1) }))));
  const { mulaw } = frame;
  assert.ok(frame.read(Buffer.from(frameText({ payload: payloadOf(2) }))));
  assert.equal(frame.mulaw, mulaw);
  assert.deepEqual([...mulaw], new Array(160).fill(2));
});
