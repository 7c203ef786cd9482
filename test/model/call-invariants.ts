/** What is true of a call at every moment, whatever has happened to it. */
import assert from 'node:assert/strict';
import type { CallOutcome, ClipName } from '../../machines/call-protocol.ts';
import type { CallMoment } from './call-watch.ts';

/** By name; each says whether it holds. */
export const CALL_INVARIANTS: Readonly<Record<string, (moment: CallMoment) => boolean>> = {
  'the machine itself never fails': ({ status, call }) =>
    status !== 'error' && call.error === undefined,
  'an actor that breaks ends the call, as failed': ({ event, status, context, contextBefore }) =>
    !/^break|^xstate\.error/.test(event) ||
    contextBefore.outcome !== null ||
    (status === 'done' && context.outcome === 'failed'),
  'a call has its outcome when it has ended, and not before': ({ status, context }) =>
    (status === 'done') === (context.outcome !== null),
  'an outcome is never replaced': ({ context, contextBefore }) =>
    contextBefore.outcome === null || context.outcome === contextBefore.outcome,
  'after the end nothing is pending and nobody works': ({ status, call }) =>
    status !== 'done' || (call.clock.pending.length === 0 && call.working.size === 0),
  'after the end nobody is told anything': ({ contextBefore, told }) =>
    contextBefore.outcome === null || told.length === 0,

  'a timer is pending as long as the call lasts': ({ status, call }) =>
    status !== 'active' || call.clock.pending.length > 0,
  'no timer is lost sight of': ({ call }) =>
    call.clock.pending.every(({ type }) => type !== 'lost') &&
    new Set(call.clock.pending.map(({ id }) => id)).size === call.clock.pending.length,
  'a conversation is always under the cap': ({ state, call }) =>
    !/^conversation|^timeout\.asking/.test(state) || isPending(call.clock.pending, 'limit.call'),
  'a call that closes does not open again': ({ wasClosing, status, hasTag }) =>
    !wasClosing || status === 'done' || hasTag('closing'),

  'there are no more answers than allowed': ({ context }) => context.turns <= context.limits.turns,
  'there are no more failures in a row than allowed': ({ context }) =>
    context.failures <= context.limits.failures,
  'silence is asked about no more often than allowed': ({ context }) =>
    context.reprompts <= context.limits.reprompts,
  'counters of answers never go back': ({ context, contextBefore }) =>
    context.turns === contextBefore.turns || context.turns === contextBefore.turns + 1,
  'what a break cost the caller follows the words about it': ({
    event,
    state,
    stateBefore,
    contextBefore,
  }) =>
    !/^agent\.(finished|failed)$/.test(event) ||
    stateBefore !== 'conversation.greeting' ||
    !['agent', 'answer'].includes(contextBefore.cutOff ?? '') ||
    state.startsWith(THINKING),
  'what a break cost is forgotten once the caller has the floor': ({ context, hasTag }) =>
    !hasTag('callerHasTheFloor') || context.cutOff === null,
  'a call that is to move on does so at the first pause': ({ context, state }) =>
    !context.movingOn || state !== 'conversation.listening.waiting',
  'a call that is to move on has a deadline for it': ({ context, state, call }) =>
    !context.movingOn ||
    !/^conversation|^timeout\.asking/.test(state) ||
    isPending(call.clock.pending, 'limit.handOver'),

  'sound stops before anything else when the caller interrupts': ({ state, stateBefore, told }) =>
    state !== BARGE_IN || stateBefore === BARGE_IN || told[0]?.command.type === 'hush',
  'what was stopped is the only thing that is resumed': ({ told, agentBefore }) =>
    told.every(({ command }) => command.type !== 'resume') || agentBefore?.type === 'hush',
  'the agent is silent while the caller has the floor': ({ hasTag, maySound }) =>
    !hasTag('callerHasTheFloor') || !maySound,
  'the agent is silent while an interruption is judged': ({ state, maySound }) =>
    state !== BARGE_IN || !maySound,
  'a reply is held back only in a pause': ({ state, agent }) =>
    agent?.type !== 'prepare' || state === 'conversation.listening.hearing.paused' || isOver(state),
  'silence is filled only while an answer is awaited': ({ told, state }) =>
    told.every(({ command }) => command.type !== 'fill') || state.startsWith(THINKING),
  'a silence in which an answer is awaited will be filled': ({ state, call, context }) =>
    !SILENT.test(state) ||
    call.clock.pending.some(
      ({ type, dueMs }) => FILLS.test(type) && dueMs - call.clock.nowMs <= context.limits.fillerMs,
    ),
  'an answer is asked for whenever the caller is made to wait': ({ told, state, stateBefore }) =>
    !state.startsWith(THINKING) ||
    stateBefore.startsWith(THINKING) ||
    told.some(({ command }) => command.type === 'reply'),
  'the ears attend to what the call is about': ({ state, ears }) => {
    const mode = ears?.type === 'attend' ? ears.to : ears?.type;
    const expected = ATTENTION.find(([states]) => states.test(state));
    return !expected || mode === expected[1];
  },

  'time never ends a call without a word': ({ context, agent }) => {
    const words = context.outcome && LAST_WORDS[context.outcome];
    return !words || (agent?.type === 'play' && words.includes(agent.clip));
  },
};

const BARGE_IN = 'conversation.bargeIn';
const THINKING = 'conversation.thinking';

const SILENT = /^conversation\.thinking\.(quiet|consulting\.brief)$/;
const FILLS = /^limit\.silence$|^xstate\.after\.(filler|toolFiller)\./;

const ATTENTION: readonly [states: RegExp, mode: string][] = [
  [/^conversation\.listening/, 'listening'],
  [/^conversation\.thinking/, 'thinking'],
  [/^conversation\.(greeting|speaking|farewell)|^timeout\.asking/, 'speaking'],
  [/^conversation\.bargeIn/, 'interrupted'],
  [/^timeout\.(farewell|outOfTime)|^handoff|^voicemail|^movingOn/, 'rest'],
];

/** What the caller was told before these ends. */
const LAST_WORDS: Partial<Record<CallOutcome, readonly ClipName[]>> = {
  timedOut: ['goodbye', 'outOfTime'],
  handedOff: ['handoff'],
  voicemail: ['nobodyThere'],
  continued: ['movingOn'],
};

/** @throws an AssertionError that names the invariants that do not hold */
export function assertInvariants(moment: CallMoment, way: () => string): void {
  const broken = Object.entries(CALL_INVARIANTS).filter(([, holds]) => !holds(moment));
  if (broken.length === 0) return;
  assert.fail(`"${broken.map(([name]) => name).join('", "')}" does not hold after ${way()}`);
}

function isPending(pending: readonly { type: string }[], type: string): boolean {
  return pending.some((timer) => timer.type === type);
}

function isOver(state: string): boolean {
  return state === 'ended';
}
