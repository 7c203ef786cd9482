import type { RecordedEvents } from '../../src/replay/journal.ts';
import { SyntheticCall } from './synthetic-call.ts';

/** Greeting, a turn with a pause, an answer that takes its time, an interruption, silence, goodbye. */
export function wholeCall(latenessMs = () => 0): SyntheticCall {
  return new SyntheticCall({ latenessMs })
    .send('line.started')
    .hear(1600, 'silence')
    .send('agent.finished')
    .hear(992, 'silence')
    .hear(1280, 'speech')
    .hear(320, 'silence')
    .hear(960, 'speech')
    .hear(3200, 'silence')
    .send('agent.audible')
    .hear(640, 'silence')
    .hear(1280, 'speech')
    .hear(1600, 'silence')
    .send('agent.failed')
    .hear(1920, 'silence')
    .send('agent.finished')
    .hear(9600, 'silence')
    .send('agent.finished')
    .hear(640, 'speech')
    .hear(640, 'silence')
    .send('caller.hungUp');
}

export function withPayload(events: RecordedEvents, seq: number, payload: unknown): RecordedEvents {
  return events.map((row) => (row.seq === seq ? { ...row, payload } : row));
}

/** As if it had been recorded with another limit, or before there was one. */
export function withIdleMs(events: RecordedEvents, idleMs: number | undefined): RecordedEvents {
  const started = events[0]?.payload as { limits: object };
  return withPayload(events, 0, { ...started, limits: { ...started.limits, idleMs } });
}

export function renumbered(events: RecordedEvents): RecordedEvents {
  return events.map((row, seq) => ({ ...row, seq }));
}
