import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FuzzTarget, mustHold, Reached } from './fuzzing/fuzz-target.ts';
import { mutatedJson } from './fuzzing/mutate.ts';
import { runFuzz } from './fuzzing/run-fuzz.ts';
import { Random } from './simulation/random.ts';

/** Cases of 50 numbers, given to a function. */
function numbers(
  judge: (inputs: readonly number[]) => unknown,
  closed = () => {},
): FuzzTarget<number> {
  return {
    inputs: 'numbers',
    concurrency: 2,
    reached: new Reached(),
    draw: (random) => Array.from({ length: 50 }, () => random.integer(0, 999)),
    async run(inputs) {
      await judge(inputs);
      return inputs.length;
    },
    close: async () => closed(),
  };
}

test('a case that fails is found, told by its number, and shrunk to what matters', async () => {
  const target = numbers((inputs) => mustHold(!inputs.includes(777), 'expected no 777'));
  const { failure, inputs } = await runFuzz(target, { inputs: 100_000, seed: 5 });
  assert.ok(failure && inputs < 100_000);
  assert.equal(failure.error.message, 'expected no 777');
  assert.deepEqual(failure.inputs, [777]);
  const again = await runFuzz(target, { inputs: 1, seed: 5, only: failure.case });
  assert.deepEqual(again.failure?.inputs, [777]);
});

test('a prototype that was changed on the way is noticed', async () => {
  const polluted = Object.prototype as { admin?: boolean };
  const judge = () => {
    polluted.admin = true;
  };
  const target = numbers(judge, () => delete polluted.admin);
  const { failure } = await runFuzz(target, { inputs: 100, seed: 1 });
  assert.match(failure?.error.message ?? '', /Object\.prototype\.admin/);
});

test('what is held on to is counted', async () => {
  const kept: string[][] = [];
  const target = numbers((inputs) => kept.push(inputs.map((each) => `${each}`.repeat(100))));
  const { heldBytes, failure } = await runFuzz(target, { inputs: 50_000, seed: 1 });
  assert.equal(failure, undefined);
  assert.ok(heldBytes[1] - heldBytes[0] > 5_000_000, 'expected the growth to be seen');
  assert.ok(kept.length >= 1000);
});

test('every number draws a case of its own, and always the same', () => {
  const message = { event: 'media', media: { chunk: '1', payload: '//8A' } };
  const draw = (seed: number, at: number) => mutatedJson(message, new Random(seed, at));
  const drawn = Array.from({ length: 500 }, (_, at) => draw(1, at));
  assert.deepEqual(
    drawn,
    Array.from({ length: 500 }, (_, at) => draw(1, at)),
  );
  assert.ok(new Set(drawn).size > 300, 'expected hardly any of them twice');
});
