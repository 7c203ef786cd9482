import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtherSide } from '../src/turns/other-side.ts';
import { likeness, speechPrint } from '../src/turns/speech-print.ts';
import { mulawOf, speechLike } from './support/speech-like.ts';

const ANNOUNCEMENT = mulawOf(300, speechLike(1, 6000), 200);
const OTHER_ANNOUNCEMENT = mulawOf(300, speechLike(2, 5000), 200);
const SHORT = mulawOf(300, speechLike(3, 2000), 200);

/** Turns of the other side, each whole. @returns which of them nobody answers */
function hear(otherSide: OtherSide, ...turns: Uint8Array[]): boolean[] {
  return turns.map((turn) => {
    const ignored = pause(otherSide, turn);
    otherSide.end();
    return ignored;
  });
}

function pause(otherSide: OtherSide, turn: Uint8Array): boolean {
  return otherSide.pause(turn.length / 8, () => turn);
}

test('an announcement is answered twice, then no more, and after the fourth nobody is there', () => {
  const otherSide = new OtherSide();
  const turns = [ANNOUNCEMENT, ANNOUNCEMENT, ANNOUNCEMENT];
  assert.deepEqual(hear(otherSide, ...turns), [false, false, true]);
  assert.equal(otherSide.isUnattended, false);
  assert.deepEqual(hear(otherSide, ANNOUNCEMENT), [true]);
  assert.equal(otherSide.isUnattended, true);
});

test('announcements that take turns are known as well, with short words between them', () => {
  const otherSide = new OtherSide();
  hear(otherSide, ANNOUNCEMENT, SHORT, OTHER_ANNOUNCEMENT, SHORT);
  assert.deepEqual(hear(otherSide, ANNOUNCEMENT, SHORT, OTHER_ANNOUNCEMENT), [false, false, true]);
  hear(otherSide, ANNOUNCEMENT);
  assert.equal(otherSide.isUnattended, true);
});

test('the same recording is known although it begins elsewhere, is quieter, and breaks off', () => {
  const sound = speechLike(1, 6000).map((sample) => sample / 3);
  const again = mulawOf(410, sound.subarray(0, 36_000), 200);
  assert.ok(likeness(speechPrint(ANNOUNCEMENT), speechPrint(again)) > 0.92);
  const otherSide = new OtherSide();
  assert.deepEqual(hear(otherSide, ANNOUNCEMENT, again, again), [false, false, true]);
});

test('a turn that goes on after the words of an announcement is not that announcement', () => {
  const otherSide = new OtherSide();
  const answer = mulawOf(300, speechLike(1, 6000), 300, speechLike(9, 5000), 200);
  hear(otherSide, ANNOUNCEMENT, ANNOUNCEMENT);
  assert.deepEqual(hear(otherSide, answer), [false]);
});

test('whoever says something else at some length is a person, and all begins anew', () => {
  const otherSide = new OtherSide();
  hear(otherSide, ANNOUNCEMENT, ANNOUNCEMENT, ANNOUNCEMENT, OTHER_ANNOUNCEMENT);
  assert.deepEqual(hear(otherSide, ANNOUNCEMENT), [false]);
  assert.equal(otherSide.isUnattended, false);
});

test('three short answers are a person as well', () => {
  const otherSide = new OtherSide();
  hear(otherSide, ANNOUNCEMENT, ANNOUNCEMENT, ANNOUNCEMENT, SHORT, SHORT, SHORT);
  assert.deepEqual(hear(otherSide, ANNOUNCEMENT), [false]);
});

test('short turns may be as alike as they like', () => {
  const otherSide = new OtherSide();
  assert.ok(hear(otherSide, ...Array.from({ length: 20 }, () => SHORT)).every((each) => !each));
  assert.equal(otherSide.isUnattended, false);
});

test('different speech of one kind is never taken for a repetition', () => {
  const otherSide = new OtherSide();
  const turns = Array.from({ length: 30 }, (_, i) => mulawOf(300, speechLike(100 + i, 5000), 200));
  assert.ok(hear(otherSide, ...turns).every((ignored) => !ignored));
  assert.equal(otherSide.isUnattended, false);
});

test('a pause within a turn decides nothing: what goes on is judged by its next pause', () => {
  const otherSide = new OtherSide();
  hear(otherSide, ANNOUNCEMENT, ANNOUNCEMENT);
  assert.equal(pause(otherSide, ANNOUNCEMENT), true);
  otherSide.resume();
  assert.equal(pause(otherSide, mulawOf(300, speechLike(7, 9000))), false);
});

test('three turns in a row without an end are no person', () => {
  const otherSide = new OtherSide();
  otherSide.endless();
  hear(otherSide, SHORT);
  otherSide.endless();
  otherSide.endless();
  assert.equal(otherSide.isUnattended, false);
  otherSide.endless();
  assert.equal(otherSide.isUnattended, true);
});

test('silence and a steady sound are like nothing, not even themselves', () => {
  const silence = speechPrint(mulawOf(6000));
  assert.equal(likeness(silence, silence), 0);
  const steady = speechPrint(new Uint8Array(48_000).fill(0x10));
  assert.ok(likeness(steady, steady) < 0.92);
});
