import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { catchMutant } from './mutants/catch-mutant.ts';
import { mutants } from './mutants/mutants.ts';
import { Fleet } from './simulation/fleet.ts';

const MOST_CALLS = 2000;

/** The program as it is. */
const sound = new Fleet({ threads: 1 });
after(() => sound.close());
const violations = new Map<number, Promise<readonly object[]>>();

/** Of the program as it is; many bugs are caught on the same seed. */
function soundOn(seed: number): Promise<readonly object[]> {
  const known = violations.get(seed) ?? sound.run(seed).then((report) => report.violations);
  violations.set(seed, known);
  return known;
}

test('each planted bug has its place in the program, and its name', () => {
  const lost = mutants.filter(({ file, from }) => {
    const source = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
    return source.split(from).length !== 2;
  });
  assert.deepEqual(lost, [], 'expected the text that is replaced exactly once');
  assert.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length);
  assert.ok(mutants.length >= 20);
});

describe('a planted bug is caught:', { concurrency: 2 }, () => {
  for (const mutant of mutants) {
    test(mutant.name, async (t) => {
      const caught = await catchMutant(mutant, MOST_CALLS);
      assert.ok(caught, `expected the ${mutant.catcher} to catch it, it survived`);
      const { by, calls, seed } = caught;
      const where = seed === undefined ? mutant.catcher : `seed ${seed}`;
      t.diagnostic(`${by} (${where}, after ${calls} calls)`);
      assert.ok(calls <= MOST_CALLS, `caught after ${calls}`);
      // What catches it must be the bug.
      if (seed !== undefined) assert.deepEqual(await soundOn(seed), []);
    });
  }
});
