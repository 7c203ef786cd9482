import type { TurnTiming } from '../call/turn-clock.ts';
import { STAGES, stagesOf } from '../call/turn-stages.ts';
import type { Turn } from '../ultravox/conversation.ts';
import type { DemoLine } from './dialogue.ts';
import type { WrittenDown } from './written-down.ts';

/** The conversation as heard by both sides; what an interruption cut off is marked. */
export function transcriptOf(turns: readonly Turn[], lines: readonly DemoLine[]): string {
  const written = turns.map((turn) => {
    if (turn.speaker === 'caller') return `caller: ${turn.transcript ?? '(not written down yet)'}`;
    if (turn.speaker === 'tool') return `tool:   ${turn.name}`;
    const whole = lines.find(({ reply }) => reply !== turn.text && reply.startsWith(turn.text));
    const cut = whole ? ` -- [not heard:${whole.reply.slice(turn.text.length)}]` : '';
    return `agent:  ${turn.text}${cut}`;
  });
  return `${written.join('\n')}\n`;
}

/** One line a turn, in ms from the caller's last sample. */
export function latencyTable(timings: readonly TurnTiming[]): string {
  const header = ['turn', ...STAGES, 'decided by'];
  const rows = timings.map((timing) => {
    const stages = stagesOf(timing);
    return [
      String(timing.turn),
      ...STAGES.map((stage) => String(Math.round(stages[stage]))),
      timing.endpointReason,
    ];
  });
  const widths = header.map((name, i) =>
    Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ');
  return [line(header), ...rows.map(line)].join('\n');
}

/** What is left of the call in the database. */
export function bookingLine({ call, reservations }: WrittenDown): string {
  const booked = reservations.map(
    ({ date, time, party_size, name, status }) =>
      `${status}: ${date} at ${time}, ${party_size} people, ${name}`,
  );
  return `In the database: ${booked.join('; ') || 'no booking'}. Summary: ${call?.summary ?? 'none'}`;
}
