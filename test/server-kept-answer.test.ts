import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { keptAnswer } from '../src/server/kept-answer.ts';
import { LogLines } from './support/log-lines.ts';
import { CALL_SID } from './support/twilio-hand.ts';
import { VirtualClock } from './support/virtual-clock.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock().install();
});
afterEach(() => clock.uninstall());

/** The status that Twilio is given, and how long the journal was given to keep it. */
async function answerOf({ noteMs = 0, isWritten = true, isKept = true }) {
  const givenMs: number[] = [];
  const journal = {
    write: () => true,
    kept: async (withinMs: number) => {
      givenMs.push(withinMs);
      return isKept;
    },
  };
  const note = async () => {
    await clock.advance(noteMs);
    return isWritten;
  };
  let status = 200;
  const reply = {
    code: (given: number) => {
      status = given;
      return reply;
    },
    send: () => reply,
  };
  const request = { method: 'POST', body: { CallSid: CALL_SID }, routeOptions: { url: '/status' } };
  const answer = keptAnswer({ journal, log: new LogLines().log }, note);
  await answer(request as unknown as FastifyRequest, reply as unknown as FastifyReply);
  return { status, givenMs };
}

test('what is kept is answered with 204, what is not with 503', async () => {
  assert.deepEqual(await answerOf({}), { status: 204, givenMs: [3000] });
  assert.deepEqual(await answerOf({ isKept: false }), { status: 503, givenMs: [3000] });
  assert.deepEqual(await answerOf({ isWritten: false }), { status: 503, givenMs: [] });
});

test('the answer comes before Twilio stops waiting for it, however long the note takes', async () => {
  assert.deepEqual(await answerOf({ noteMs: 2000 }), { status: 204, givenMs: [1000] });
});
