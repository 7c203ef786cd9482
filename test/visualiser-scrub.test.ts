import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contextRows } from '../src/visualiser/page/context-rows.ts';
import {
  advanced,
  around,
  type Moment,
  positionAt,
  positionOfSeq,
  stepped,
} from '../src/visualiser/page/scrub.ts';

const START = 1_700_000_000_000;

function momentsAt(...ms: number[]): Moment[] {
  return ms.map((at, i) => ({
    seq: i * 3,
    at: START + at,
    event: 'caller.spoke',
    path: 'conversation',
    context: null,
  }));
}

const moments = momentsAt(0, 100, 100, 5000, 30_000);

test('the moment shown is the last that has come', () => {
  assert.equal(positionAt(moments, START - 50).index, 0);
  assert.equal(positionAt(moments, START + 99).index, 0);
  assert.equal(positionAt(moments, START + 100).index, 2);
  assert.deepEqual(positionAt(moments, START + 6000), { index: 3, at: START + 6000 });
  assert.equal(positionAt(moments, START + 99_000).index, 4);
});

test('steps go through moments of the same time one by one, and stop at both ends', () => {
  let position = positionAt(moments, START);
  const seen = [position.index];
  for (let i = 0; i < 6; i++) {
    position = stepped(moments, position, 1);
    seen.push(position.index);
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 4, 4]);
  assert.deepEqual(stepped(moments, position, Number.NEGATIVE_INFINITY), { index: 0, at: START });
  assert.equal(stepped(moments, position, Number.POSITIVE_INFINITY).index, 4);
});

test('time passes at the chosen speed', () => {
  const options = { speed: 5, skipsGaps: false };
  const position = advanced(moments, positionAt(moments, START), 100, options);
  assert.deepEqual(position, { index: 2, at: START + 500 });
});

test('a gap without events is skipped, but not the moment before the next', () => {
  const options = { speed: 1, skipsGaps: true };
  const position = advanced(moments, positionAt(moments, START + 100), 16, options);
  assert.deepEqual(position, { index: 2, at: START + 4600 });
  const next = advanced(moments, position, 16, options);
  assert.deepEqual(next, { index: 2, at: START + 4616 });
});

test('playing comes to the last moment from anywhere, and stays there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(60_000), { minLength: 1, maxLength: 40 }),
      fc.constantFrom(1, 2, 5, 20),
      fc.boolean(),
      (times, speed, skipsGaps) => {
        const all = momentsAt(...times.toSorted((a, b) => a - b));
        let position = positionAt(all, all[0]?.at ?? 0);
        for (let i = 0; i < 4000 && position.index < all.length - 1; i++) {
          const next = advanced(all, position, 16, { speed, skipsGaps });
          assert.ok(next.at > position.at && next.index >= position.index);
          position = next;
        }
        assert.equal(position.index, all.length - 1);
        assert.deepEqual(advanced(all, position, 16, { speed, skipsGaps }), position);
      },
    ),
    { numRuns: 60 },
  );
});

test('an address names a moment by its seq, or the one before', () => {
  assert.equal(positionOfSeq(moments, 6).index, 2);
  assert.equal(positionOfSeq(moments, 8).index, 2);
  assert.equal(positionOfSeq(moments, -1).index, 0);
  assert.equal(positionOfSeq(moments, 999).index, 4);
});

test('the list around a moment is never longer than its room, and has the moment in it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(499), (length, at) => {
      const index = at % length;
      const [from, to] = around(index, 9, length);
      assert.equal(to - from, Math.min(9, length));
      assert.ok(from >= 0 && from <= index && index < to && to <= length);
    }),
  );
});

test('the context is told in rows, with what the event changed', () => {
  const before = { turns: 1, reason: null, limits: { idleMs: 8000 } };
  const after = { turns: 2, reason: null, limits: { idleMs: 8000 } };
  assert.deepEqual(contextRows(after, before), [
    { name: 'turns', value: '2', before: '1' },
    { name: 'reason', value: '–' },
    { name: 'limits.idleMs', value: '8000' },
  ]);
});

test('where the context before is not known, nothing counts as changed', () => {
  assert.deepEqual(contextRows({ leaving: true }, null), [{ name: 'leaving', value: 'yes' }]);
  assert.deepEqual(contextRows(null, { leaving: true }), []);
});
