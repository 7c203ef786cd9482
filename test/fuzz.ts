/**
 * `npm run fuzz`: what strangers can send, damaged in every way that is known, to the real thing: whatever
 * they do, it goes on, tells them nothing, and holds no more than before. Exits with 1 where that is not so.
 *
 *   --messages N  of a media stream, over real sockets     --chunks N   of the engine's event streams
 *   --twiml N     parameter sets of the TwiML builders     --voice N    of Cartesia's socket
 *   --forms N     of Twilio's webhooks                     --queries N  of the API and the visualiser
 *   --viewers N   of a viewer's first messages
 *   --seed S      1 when not given
 *   --only C      this case alone, of the one kind that is named
 *
 * Without any of the kinds all of them, a million of each of the first four and fewer of the others.
 */
import { parseArgs } from 'node:util';
import { failureText, growthBytes, reportText } from './fuzzing/report-text.ts';
import { GROWTH_LIMIT_BYTES, runFuzz } from './fuzzing/run-fuzz.ts';
import { TARGET_NAMES, TARGETS, type TargetName } from './fuzzing/targets.ts';

const PROGRESS_MS = 10_000;
const REDRAW_MS = 200;

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...(Object.fromEntries(TARGET_NAMES.map((name) => [name, text])) as Record<
      TargetName,
      typeof text
    >),
    seed: { ...text, default: '1' },
    only: text,
  },
});
const seed = wholeNumber('seed', values.seed);
const only = values.only === undefined ? undefined : wholeNumber('only', values.only);
const named = TARGET_NAMES.filter((name) => values[name] !== undefined);
if (only !== undefined && named.length !== 1) refuse('--only together with one kind of input');
console.log(`seed ${seed}`);
for (const name of named.length > 0 ? named : TARGET_NAMES) {
  if (!(await fuzz(name))) process.exitCode = 1;
}

/** @returns whether all of it held */
async function fuzz(name: TargetName): Promise<boolean> {
  const { open, usually } = TARGETS[name];
  const given = values[name];
  const inputs = given === undefined ? usually : wholeNumber(name, given);
  const target = await open();
  const onProgress = progressOf(inputs, target.inputs);
  const report = await runFuzz(target, { inputs, seed, only, onProgress });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  console.log(reportText(target.inputs, report, target.reached.counts));
  if (report.failure) console.log(failureText(name, report));
  const isFlat = only !== undefined || growthBytes(report) <= GROWTH_LIMIT_BYTES;
  if (!isFlat) console.log(`FAILED: ${growthBytes(report)} bytes more are held than at a tenth`);
  return isFlat && !report.failure;
}

function progressOf(inputs: number, what: string): (taken: number, seconds: number) => void {
  const isTerminal = process.stderr.isTTY === true;
  let shownMs = performance.now();
  return (taken, seconds) => {
    const nowMs = performance.now();
    if (nowMs - shownMs < (isTerminal ? REDRAW_MS : PROGRESS_MS)) return;
    shownMs = nowMs;
    const share = Math.min(100, (100 * taken) / inputs);
    const line = `${share.toFixed(0)} % of ${inputs} ${what}  ${(taken / seconds).toFixed(0)}/s`;
    process.stderr.write(isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
  };
}

function wholeNumber(name: string, given: string): number {
  return /^\d{1,15}$/.test(given) ? Number(given) : refuse(`a whole number for --${name}`);
}

function refuse(expected: string): never {
  console.error(`expected ${expected}`);
  process.exit(2);
}
