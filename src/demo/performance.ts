import type { Caller } from '../simulators/twilio/caller.ts';
import type { Recording } from '../simulators/ultravox/simulated-ultravox.ts';
import type { DemoLine } from './dialogue.ts';
import type { Screen } from './screen.ts';

/** The agent has finished when it has been quiet for longer than it pauses between sentences. */
const AGENT_FINISHED_MS = 500;
const PATIENCE_MS = 15_000;

/** Plays the caller's part. Rejects when the agent does not do its own in time. */
export async function perform(
  caller: Caller,
  lines: readonly DemoLine[],
  recordings: ReadonlyMap<string, Recording>,
  screen: Pick<Screen, 'caller'>,
): Promise<void> {
  for (const line of lines) {
    await caller.agentSpeaking(PATIENCE_MS);
    if (line.begins === 'afterAgent') await caller.agentSilent(AGENT_FINISHED_MS, PATIENCE_MS);
    else await caller.pause(line.begins.overAgentAfterMs);
    const recording = recordings.get(line.id);
    if (!recording) throw new Error(`expected a recording of "${line.id}", found none`);
    screen.caller(recording.text);
    await caller.say(recording.mulaw);
  }
  // The agent says goodbye and ends the call.
  await caller.hungUp(PATIENCE_MS);
}
