import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeMulaw, encodeMulaw, MULAW_SILENCE } from '../src/audio/mulaw.ts';
import { type EchoPath, LineEcho } from '../src/simulators/twilio/line-echo.ts';
import { mulawOf, speechLike } from './support/speech-like.ts';

const FRAME = 160;

/** What comes back of what is played, by a caller who is silent. */
function echoOf(path: EchoPath, played: Uint8Array, afterMs: number): Int16Array {
  const echo = new LineEcho(path);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < played.length + afterMs * 8; at += FRAME) {
    frames.push(echo.mix(undefined));
    echo.heard(played.subarray(at, at + FRAME));
  }
  return decodeMulaw(Buffer.concat(frames));
}

function levelDb(samples: Int16Array): number {
  return 10 * Math.log10(samples.reduce((sum, sample) => sum + sample ** 2, 0));
}

describe("the echo of a simulated caller's telephone", () => {
  for (const kind of ['line', 'room', 'mobile'] as const) {
    test(`${kind}: comes back after its delay, softer by its loss`, () => {
      const played = mulawOf(speechLike(2, 2000));
      const echo = echoOf({ delayMs: 200, lossDb: 20, kind }, played, 400);
      const first = echo.findIndex((sample) => Math.abs(sample) > 50);
      assert.ok(first >= 195 * 8, `expected nothing before 195 ms, got sound at ${first / 8} ms`);
      const lossDb = levelDb(decodeMulaw(played)) - levelDb(echo);
      assert.ok(Math.abs(lossDb - 20) < 3, `expected a loss of about 20 dB, got ${lossDb}`);
      assert.ok(echo.subarray(-100 * 8).every((sample) => Math.abs(sample) < 50));
    });
  }

  test('is added to what the caller says, and to nothing where nothing is played', () => {
    const said = encodeMulaw(speechLike(4, 20));
    const echo = new LineEcho({ delayMs: 40, lossDb: 20 });
    assert.deepEqual(echo.mix(said), said);
    assert.ok(echo.mix(undefined).every((byte) => byte === MULAW_SILENCE));
  });
});
