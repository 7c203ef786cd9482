/** What must hold once all calls are over, and once the program is. */
import { isPassing } from '../../src/journal/passing-outcome.ts';
import type { CallRow } from '../../src/journal/schema.ts';
import { judgeBook } from './judge-book.ts';
import { judgeJournal } from './judge-journal.ts';
import type { Phone } from './phone.ts';
import { saidWords } from './vocabulary.ts';
import type { World } from './world.ts';

/** All calls are over, all is written down, and the program still runs. */
export function judgeEnd(world: World): void {
  for (const phone of world.phones) {
    judgeRecord(world, phone);
    judgeMessages(world, phone);
    // From a line that broke nothing comes back: what was heard at its end, nobody knows.
    const isKnown = !phone.wasOrphaned && !phone.legs.some(({ isBroken }) => isBroken);
    if (phone.record && isKnown) {
      judgeHistory(world, phone, [...phone.turns.values()]);
      judgeHistory(world, phone, phone.call?.conversation.turns ?? []);
    }
    if (!phone.wasOrphaned && isWritten(world)) judgeJournal(world, phone);
    const sid = phone.callSid;
    if (phone.recordsTold > phone.legs.length)
      world.violated('oneRecord', `call ${sid} ended ${phone.recordsTold} times`);
  }
  judgeBook(world);
  const { program, database } = world;
  if (database.refusals.length > 0) world.violated('nothingRefused', database.refusals.join('; '));
  if (!program) return;
  const { inUse } = program;
  const held = Object.entries(inUse).filter(([, count]) => count > 0);
  if (held.length > 0) world.violated('nothingLeft', `still in use: ${JSON.stringify(inUse)}`);
  if (world.engine.open > 0) world.violated('nothingLeft', 'a request to the engine is open');
  const { sockets } = world.voice;
  if (sockets > 1) world.violated('nothingLeft', `${sockets} connections to the voice`);
  const { dropped, refused } = program.records.journal.state;
  if (dropped + refused > 0)
    world.violated('nothingDropped', `${dropped} dropped, ${refused} refused`);
  for (const { index, leg } of world.phones) {
    if (leg && !leg.isForsaken && leg.socket.listening > 0)
      world.violated('nothingLeft', `call ${index}: a listener on its socket`);
  }
}

/** The program was told to go, and its grace and the time to say goodbye are over. */
export function judgeFarewell(world: World): void {
  const live = world.program?.calls.active ?? 0;
  if (live > 0) world.violated('saysGoodbye', `${live} calls go on`);
}

/** The program has closed: what it could not bring to the disk either is lost, and only that. */
export function judgeLeaving(world: World, { records }: NonNullable<World['program']>): void {
  const { dropped } = records.journal.state;
  if (dropped === 0) return;
  if (world.database.isDown && world.disk.isFull) world.noteFault(NOWHERE);
  else world.violated('nothingDropped', `${dropped} dropped by a program that was told to go`);
}

/** A program went while neither database nor disk took anything. */
const NOWHERE = 'leftNowhere';

/** The program is closed. */
export function judgeRest(world: World): void {
  const { programTimers } = world.time;
  if (programTimers > 0) world.violated('nothingLeft', `${programTimers} timers after closing`);
  if (world.engine.open > 0) world.violated('nothingLeft', 'a request to the engine is open');
  if (world.voice.sockets > 0) world.violated('nothingLeft', 'a connection to the voice is open');
}

/** No process went without having written down all that it knew. */
function isWritten({ faults }: World): boolean {
  return !faults.has('kills') && !faults.has(NOWHERE);
}

function judgeRecord(world: World, phone: Phone): void {
  if (!phone.wasAnswered) return;
  const [row] = world.database.rows<CallRow>(
    'select * from calls where call_sid = ?',
    phone.callSid,
  );
  if (!row) {
    // A process that died without any disk to write to, and an end that Twilio could not tell anybody.
    if (phone.isUntold && world.faults.has('diskFull')) return;
    world.violated('oneRecord', `call ${phone.index} has no record`);
    return;
  }
  if (row.outcome === null) world.violated('oneRecord', `call ${phone.index} has no outcome`);
  if (!phone.record || phone.wasOrphaned || !isWritten(world)) return;
  const { outcome } = phone.record;
  // Whatever Twilio says of the end takes its place.
  if (isPassing(outcome)) return;
  if (phone.record.callSid && row.outcome !== outcome) {
    world.violated(
      'ownOutcome',
      `call ${phone.index} was ${outcome}, its record says ${row.outcome}`,
    );
  }
}

/** What somebody was told to be written down. */
function judgeMessages(
  world: World,
  { index, callSid, messagesTold, isMessageTaken }: Phone,
): void {
  if (messagesTold === 0 && !isMessageTaken) return;
  const kinds = world.database
    .rows<{ kind: string }>('select kind from messages where call_sid = ?', callSid)
    .map(({ kind }) => kind);
  const isThere = !isMessageTaken || kinds.includes('voicemail');
  const kept = kinds.filter((kind) => kind === 'message').length;
  if (isThere && kept >= messagesTold) return;
  world.violated('noLostMessage', `call ${index}: ${messagesTold} told, kept: ${kinds.join(', ')}`);
}

/**
 * Words of answers that were heard, and those that stand in the history: the one that is written down, or
 * the one that the model is told.
 */
function judgeHistory(
  world: World,
  phone: Phone,
  turns: readonly { speaker: string; text?: string | null }[],
): void {
  const heard = heardWords(world, phone);
  const told = new Map<number, Set<string>>();
  for (const { speaker, text } of turns) {
    if (speaker !== 'agent') continue;
    for (const word of saidWords(text ?? '')) add(told, world.vocabulary.replyOf(word)!.id, word);
  }
  const { latencyMs, jitterMs, markMood, wordMs } = world.options;
  const wayMs = 2 * (latencyMs + jitterMs);
  const most = (ms: number) => Math.ceil(ms / wordMs) + 1;
  const mostMissing =
    markMood === 'never' ? 20 : most(wayMs + MARK_MS + (markMood === 'late' ? 1200 : 0));
  for (const id of new Set([...heard.keys(), ...told.keys()])) {
    const inEar = heard.get(id) ?? new Set();
    const inHistory = told.get(id) ?? new Set();
    const missing = [...inEar].filter((word) => !inHistory.has(word)).length;
    const extra = [...inHistory].filter((word) => !inEar.has(word)).length;
    if (missing > mostMissing || extra > most(wayMs)) {
      const detail = `call ${phone.index}, answer ${id}: ${inEar.size} words heard, ${inHistory.size} told`;
      world.violated('heardHistory', `${detail}, ${missing} missing, ${extra} not heard`);
    }
  }
}

const MARK_MS = 200;

function heardWords(world: World, { legs }: Phone): Map<number, Set<string>> {
  const heard = new Map<number, Set<string>>();
  const { utterances, wordMs } = world.vocabulary;
  for (const [id, stretches] of legs.flatMap(({ ear }) => [...ear.heard])) {
    const { words, reply } = utterances[id]!;
    if (!reply) continue;
    words.forEach((text, at) => {
      const middleMs = (at + 0.5) * wordMs;
      const isHeard = stretches.some(([fromMs, toMs]) => fromMs <= middleMs && middleMs < toMs);
      for (const word of saidWords(isHeard ? text : '')) add(heard, reply.id, word);
    });
  }
  return heard;
}

function add(words: Map<number, Set<string>>, id: number, word: string): void {
  const known = words.get(id) ?? new Set();
  words.set(id, known.add(word));
}
