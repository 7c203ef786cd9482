import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTwiml } from '../src/simulators/twilio/twiml-document.ts';
import {
  connectStream,
  dialPerson,
  hangUp,
  sayAndHangUp,
  TwimlError,
  takeVoicemail,
  whisper,
} from '../src/twilio/twiml.ts';

const stream = {
  streamUrl: 'wss://h.example/media',
  statusCallbackUrl: 'https://h.example/status',
  parameters: { token: 'a&b"<' },
  continueUrl: 'https://h.example/continue',
};
const dial = {
  number: '+4930123456',
  announce: 'One moment.',
  actionUrl: 'https://h.example/dialled',
  timeoutS: 20,
  timeLimitS: 900,
};

test('a stream is connected as Twilio documents it', () => {
  assert.equal(
    connectStream(stream),
    '<?xml version="1.0" encoding="UTF-8"?><Response><Connect>' +
      '<Stream url="wss://h.example/media" statusCallback="https://h.example/status" ' +
      'statusCallbackMethod="POST"><Parameter name="token" value="a&amp;b&quot;&lt;"/></Stream>' +
      '</Connect><Redirect method="POST">https://h.example/continue</Redirect></Response>',
  );
});

test('every document is valid and ends in Redirect or Hangup', () => {
  const documents = [
    connectStream(stream),
    hangUp(),
    sayAndHangUp({ text: 'Goodbye', language: 'en-GB' }),
    dialPerson(dial),
    dialPerson({ ...dial, briefUrl: 'https://h.example/brief', afterwards: 'Goodbye.' }),
    takeVoicemail({ text: 'After the tone.', actionUrl: 'https://h.example/r', maxLengthS: 90 }),
    takeVoicemail({
      text: '',
      actionUrl: 'https://h.example/r',
      recordingStatusUrl: 'https://h.example/s',
      maxLengthS: 90,
    }),
  ];
  for (const text of documents) {
    const { verbs, warnings } = parseTwiml(text);
    assert.deepEqual(warnings, []);
    assert.match(verbs.at(-1)?.name ?? '', /^(?:Redirect|Hangup)$/);
    assert.ok(verbs.every((verb) => verb.name !== 'Pause'));
  }
});

test('text arrives as it was written, without what XML cannot hold', () => {
  for (const text of ['Tom & "Jerry" <b>', ']]>', 'Grüße, 您好 😀']) {
    assert.equal(parseTwiml(sayAndHangUp({ text })).verbs[0]?.text, text);
  }
  const broken = sayAndHangUp({ text: 'a\u0000b\u001bc\ud800d\ufffee' });
  assert.equal(parseTwiml(broken).verbs[0]?.text, 'abc\ufffdde');
});

test('what Twilio would refuse is refused here', () => {
  const wrong = [
    () => connectStream({ ...stream, streamUrl: 'wss://h.example/media?token=1' }),
    () => connectStream({ ...stream, streamUrl: 'https://h.example/media' }),
    () => connectStream({ ...stream, parameters: { token: 'x'.repeat(495) } }),
    () => dialPerson({ ...dial, number: '030 123456' }),
    () => dialPerson({ ...dial, number: 'sip:someone@example.com' }),
  ];
  for (const write of wrong) assert.throws(write, TwimlError);
});

test('a person hears the brief and nothing else, so that Twilio connects the caller', () => {
  const { verbs, warnings } = parseTwiml(whisper({ text: 'Anna & nuts.', language: 'de' }));
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    verbs.map(({ name, text, attributes }) => [name, text, attributes.language]),
    [['Say', 'Anna & nuts.', 'de-DE']],
  );
});

test('languages are named with their region, as Twilio wants them', () => {
  for (const [given, expected] of [
    ['en', 'en-US'],
    ['en-GB', 'en-GB'],
    ['de', 'de-DE'],
    ['fr', 'fr-FR'],
    ['es-MX', 'es-MX'],
    ['it', 'it-IT'],
    ['xx', 'xx'],
  ] as const) {
    const document = sayAndHangUp({ text: 'Hello', language: given });
    assert.equal(parseTwiml(document).verbs[0]?.attributes.language, expected);
  }
});

test('nothing to say is not said', () => {
  const actionUrl = 'https://h.example/r';
  const { verbs } = parseTwiml(takeVoicemail({ text: ' ', actionUrl, maxLengthS: 90 }));
  assert.deepEqual(
    verbs.map((verb) => verb.name),
    ['Record', 'Hangup'],
  );
});
