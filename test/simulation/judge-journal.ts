/** What must stand in the journal of a call that is over: all of it, once and in order. */
import { isPassing } from '../../src/journal/passing-outcome.ts';
import type { CallEventRow, TurnRow } from '../../src/journal/schema.ts';
import type { Phone } from './phone.ts';
import type { World } from './world.ts';

/** Of a call that ended in a process which lived until all was written down. */
export function judgeJournal(world: World, phone: Phone): void {
  if (!phone.record?.callSid) return;
  const why = missingEvent(world, phone) ?? missingTurn(world, phone);
  if (why) world.violated('wholeJournal', `call ${phone.index}: ${why}`);
}

function missingEvent(
  { database }: World,
  { callSid, states, legs, record, wasUnknown }: Phone,
): string | undefined {
  const rows = database.rows<CallEventRow>(
    'select seq, type from call_events where call_sid = ? order by seq',
    callSid,
  );
  const gap = rows.findIndex(({ seq }, at) => seq !== at);
  if (gap >= 0 && !wasUnknown) return `event ${gap} is not there`;
  const written = rows.filter(({ type }) => type === 'state').length;
  // Of a life that another one has followed, or was to, what it did not know is not written.
  const isFollowed = legs.length > 1 || isPassing(record?.outcome ?? 'lost');
  const isWhole = isFollowed ? written <= states : written === states;
  return isWhole ? undefined : `${states} states were entered, ${written} are there`;
}

function missingTurn(
  { database }: World,
  { callSid, turns, record, wasUnknown }: Phone,
): string | undefined {
  // What was told before, or by a life that another one was to follow, is not known here.
  if (wasUnknown || isPassing(record?.outcome ?? 'lost')) return undefined;
  const rows = database.rows<TurnRow>('select * from turns where call_sid = ?', callSid);
  if (rows.length !== turns.size) return `${turns.size} turns were told, ${rows.length} are there`;
  const other = rows.find(({ turn, speaker, text }) => {
    const told = turns.get(turn);
    return told?.speaker !== speaker || told.text !== text;
  });
  return other && `turn ${other.turn} is not as it was told`;
}
