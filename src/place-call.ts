/** `npm run call`: calls a running server with a person's own recordings, as Twilio would. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import {
  type CallArguments,
  readArguments,
  type Step,
  UsageError,
} from './place-call/arguments.ts';
import { readRecording } from './place-call/recording-file.ts';
import type { TimelineEntry } from './simulators/twilio/call-report.ts';
import { type Caller, CallerError } from './simulators/twilio/caller.ts';
import { startSimulatedTwilio } from './simulators/twilio/simulated-twilio.ts';
import { stereoWav } from './simulators/twilio/stereo-wav.ts';

const AGENT_FINISHED_MS = 800;
const PATIENCE_MS = 30_000;
const LATE_ANSWER_MS = 2500;
const MAX_CALL_MS = 10 * 60_000;

try {
  process.exitCode = await placeCall(readArguments(process.argv.slice(2), process.env));
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 2;
}

async function placeCall(options: CallArguments): Promise<number> {
  const { url, publicUrl, accountSid, authToken, steps, out } = options;
  const recordings = new Map(
    steps.flatMap((step) => (step.type === 'say' ? [read(step.file)] : [])),
  );
  const twilio = await startSimulatedTwilio({ accountSid, authToken });
  const latencies: number[] = [];
  const call = twilio.placeCall({
    webhookUrl: `${url.replace(/\/+$/, '')}/`,
    publicUrl,
    maxMs: MAX_CALL_MS,
    caller: async (caller) => {
      for (const ms of await perform(caller, steps, recordings)) latencies.push(ms);
    },
  });
  const report = await call.ended;
  await twilio.close();
  for (const line of describe(report.timeline)) console.log(line);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, stereoWav(report));
  console.log(`\nThe call ended as ${report.outcome}; verbs: ${report.verbs.join(', ')}`);
  console.log(
    `Answers after the caller's last sound: ${latencies.map((ms) => `${Math.round(ms)} ms`).join(', ') || 'none'}`,
  );
  console.log(`Written: ${out} (caller left, agent right)`);
  const problems = [...report.violations];
  if (report.scriptError) problems.push(String(report.scriptError));
  for (const problem of problems) console.error(`Problem: ${problem}`);
  return report.outcome === 'completed' && problems.length === 0 ? 0 : 1;
}

function read(file: string): [string, Uint8Array] {
  try {
    return [file, readRecording(file)];
  } catch (error) {
    throw new UsageError(`--say ${file}: ${(error as Error).message}`);
  }
}

/** @returns Response times, from the caller's last sound to the agent's first. */
async function perform(
  caller: Caller,
  steps: readonly Step[],
  recordings: ReadonlyMap<string, Uint8Array>,
): Promise<number[]> {
  const latencies: number[] = [];
  await caller.agentSpeaking(PATIENCE_MS);
  await caller.agentSilent(AGENT_FINISHED_MS, PATIENCE_MS);
  for (const [index, step] of steps.entries()) {
    if (step.type === 'pause') await caller.pause(step.ms);
    else if (step.type === 'press') await caller.press(step.digit);
    else {
      const heardBeforeMs = caller.heardMs;
      const { lastSampleAt } = await caller.say(recordings.get(step.file)!);
      if (steps[index + 1]?.type === 'pause') continue;
      const answeredEarly = caller.heardMs > heardBeforeMs;
      const answeredAt = await nextAnswer(caller, answeredEarly);
      if (answeredAt !== undefined) latencies.push(answeredAt - lastSampleAt);
      const after =
        answeredAt === undefined
          ? 'before its end'
          : `after ${Math.round(answeredAt - lastSampleAt)} ms`;
      const early = answeredEarly && answeredAt !== undefined ? ' (and once in a pause of it)' : '';
      console.log(`${basename(step.file)}: answered ${after}${early}`);
      await caller.agentSilent(AGENT_FINISHED_MS, PATIENCE_MS);
    }
  }
  await caller.hangUp();
  return latencies;
}

/**
 * When the agent next speaks. After a recording with long pauses or a noisy end it may have answered
 * all of it already: then there is nothing to wait for.
 */
async function nextAnswer(caller: Caller, answeredEarly: boolean): Promise<number | undefined> {
  try {
    return await caller.agentSpeaking(answeredEarly ? LATE_ANSWER_MS : PATIENCE_MS);
  } catch (error) {
    if (answeredEarly && error instanceof CallerError && error.kind === 'timeout') return undefined;
    throw error;
  }
}

/** The call as seen from the telephone: what another person's server is in can only be heard. */
function describe(timeline: readonly TimelineEntry[]): string[] {
  const names: Partial<Record<TimelineEntry['type'], string>> = {
    webhook: 'webhook answered',
    started: 'stream started',
    agentAudible: 'agent speaks',
    agentQuiet: 'agent is silent',
    clear: 'agent stops its sound at once',
    said: 'caller has spoken',
    pressed: 'caller pressed a key',
    twiml: 'TwiML',
    dialled: 'a person is dialled',
    recorded: 'a message was recorded',
    ended: 'call ended',
  };
  const start = timeline[0]?.atMs ?? 0;
  return timeline.flatMap((entry) => {
    const name = names[entry.type];
    if (!name) return [];
    const seconds = ((entry.atMs - start) / 1000).toFixed(2).padStart(7);
    return [`${seconds} s  ${name}${entry.type === 'twiml' ? ` ${entry.name ?? ''}` : ''}`];
  });
}
