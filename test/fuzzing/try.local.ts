import { runFuzz } from './run-fuzz.ts';

const [file, name, n, seed, only] = process.argv.slice(2);
const target = await (await import(`./${file}.ts`))[name!]();
const r = await runFuzz(target, {
  inputs: Number(n ?? 5000),
  seed: Number(seed ?? 1),
  only: only ? Number(only) : undefined,
});
console.log(
  r.inputs,
  r.cases,
  r.seconds.toFixed(1) + ' s',
  (r.inputs / r.seconds).toFixed(0) + '/s',
  r.heldBytes.map((b: number) => (b / 1e6).toFixed(2)),
  r.slowest,
);
console.log([...target.reached.counts].map(([a, b]: [string, number]) => `${a} ${b}`).join(', '));
if (r.failure)
  console.log(r.failure.case, r.failure.error, JSON.stringify(r.failure.inputs).slice(0, 3000));
process.exit();
