/**
 * A server that is stopped, loses its call to another one, and does not know of it when it wakes: it
 * must neither speak nor write any more.
 */
import type { Broken } from './call-scenarios.ts';
import type { CallStore } from './call-store.ts';

/** In the midst of the call that goes on elsewhere, or after its end. */
const PAUSED_MS = { least: 500, most: 25_000 };
/** What it had under way when it was stopped has reached the database by then. */
const STOPPED_MS = 100;
/** What it still wants to do it has done by then. */
const AWAKE_MS = 3000;

export async function pauseAndWake(broken: Broken): Promise<void> {
  const { line, holder, random, store, callSid, faults } = broken;
  const pausedAt = Date.now();
  holder.pause();
  line.hold();
  await passed(STOPPED_MS);
  const before = new Set((await eventsOf(store, callSid)).map(({ seq }) => seq));
  await passed(random.between(PAUSED_MS.least, PAUSED_MS.most));
  const framesBefore = line.heldFrames;
  const wokenAt = Date.now();
  holder.wake();
  await passed(AWAKE_MS);
  holder.joinRotation();
  const frames = line.heldFrames - framesBefore;
  if (frames > 0) faults.push(`${frames} frames of sound were sent by the owner of before`);
  const events = await eventsOf(store, callSid);
  const late = events.filter(({ seq, at }) => Number(at) <= pausedAt && !before.has(seq));
  if (late.length > 0) faults.push(`${late.length} events of before were written after waking`);
  const lost = events.filter(({ type, at }) => type === 'line.lost' && Number(at) >= wokenAt);
  if (lost.length > 0) faults.push('the owner of before wrote that the line is lost');
}

function eventsOf(store: CallStore, callSid: string): Promise<Record<string, unknown>[]> {
  return store.rows(`select seq, at, type from call_events where call_sid = '${callSid}'`);
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
