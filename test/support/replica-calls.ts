/** Short calls to replicas behind a balancer: one turn by keys, then a person is asked for. */
import type { Caller } from '../../src/simulators/twilio/caller.ts';
import type { CallReport } from '../../src/simulators/twilio/simulated-twilio.ts';
import type { ReplicaFleet } from './replica-fleet.ts';

/** Where the parts of one call came to: indexes of replicas. */
export interface CallPath {
  callSid: string;
  webhook: number | undefined;
  socket: number | undefined;
  continued: number | undefined;
}

export interface ReplicaCalls {
  reports: CallReport[];
  paths: CallPath[];
}

/** The most that are up at once. */
const AT_ONCE = 20;
const CALL_MS = 60_000;
/** So many calls ask something before they ask for a person. */
const ASKS_EVERY = 5;

export async function placeCalls(fleet: ReplicaFleet, count: number): Promise<ReplicaCalls> {
  const reports: CallReport[] = [];
  let placed = 0;
  const line = async () => {
    while (placed < count) {
      const index = placed++;
      const call = fleet.simulators.twilio.placeCall({
        webhookUrl: `${fleet.balancer.url}/`,
        publicUrl: fleet.simulators.publicUrl,
        maxMs: CALL_MS,
        dial: 'completed',
        caller: (caller) => talk(caller, index % ASKS_EVERY === 0),
      });
      reports.push(await call.ended);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, line));
  return { reports, paths: reports.map(({ callSid }) => pathOf(callSid, fleet)) };
}

async function talk(caller: Caller, asks: boolean): Promise<void> {
  await caller.agentSpeaking();
  if (asks) {
    await caller.agentSilent();
    for (const digit of ['4', '2', '#']) await caller.press(digit);
    await caller.agentSpeaking();
    await caller.agentSilent();
  }
  await caller.press('0');
  await caller.hungUp();
}

function pathOf(callSid: string, { balancer, servers }: ReplicaFleet): CallPath {
  const at = (path: string) =>
    balancer.passedOn.find((each) => each.callSid === callSid && each.path === path)?.replica;
  const socket = servers.findIndex(({ lines }) =>
    lines.some(
      (line) => line.callSid === callSid && line.msg === 'Client connected to voice agent',
    ),
  );
  return {
    callSid,
    webhook: at('/'),
    socket: socket < 0 ? undefined : socket,
    continued: at('/continue'),
  };
}
