/** Attacks calls with what no model should put out, for as long as is wanted. */
import { parseArgs } from 'node:util';
import { attackCalls } from './support/attack-calls.ts';

const { values } = parseArgs({
  options: {
    outputs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});
const startMs = performance.now();
const tally = await attackCalls({ outputs: Number(values.outputs), seed: Number(values.seed) });
const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
for (const [what, times] of Object.entries(tally)) console.log(what.padEnd(18), times);
console.log(`nothing went wrong in ${seconds} s`);
