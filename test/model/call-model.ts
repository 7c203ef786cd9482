import { callMachine } from '../../machines/call.ts';
import type {
  CallContext,
  CallEvent,
  CallInput,
  CallLimits,
} from '../../machines/call-protocol.ts';
import { TEST_LIMITS } from '../support/steered-call.ts';
import {
  type ContextRead,
  inTime,
  MachineModel,
  type ModelOptions,
  pathOf,
} from './machine-model.ts';

/**
 * The smallest limits under which everything can happen that can happen under larger ones: a
 * counter below its limit, and at it.
 */
const SOMEBODY_THERE: CallInput = {
  limits: { ...TEST_LIMITS, turns: 1, reprompts: 1, failures: 2 },
  personReachable: true,
};
/** Where nobody can take over only the end of a call differs, so that the rest may be smallest. */
const NOBODY_THERE: CallInput = {
  limits: { ...TEST_LIMITS, turns: 1, reprompts: 1, failures: 1 },
  personReachable: false,
};

/**
 * Departures from the limits: under each of them another timer is due before those that usually
 * are. The world takes no time in the model, so that a late timer needs a limit that is early.
 */
const URGENCIES: Partial<CallLimits>[] = [
  { callMs: 9000 },
  { inactivityMs: 4000 },
  { toolFillerMs: 1200 },
];

/** For ways on which timers fire when they are due and in no other order. */
export function timelyCallModels(allows?: ModelOptions['allows']): MachineModel[] {
  const { limits } = NOBODY_THERE;
  const urgent = URGENCIES.map((urgency) => ({
    ...NOBODY_THERE,
    limits: { ...limits, ...urgency },
  }));
  const inputs = [SOMEBODY_THERE, NOBODY_THERE, ...urgent];
  const continued: ModelOptions['allows'] = (state, event) =>
    BREAK_MATTERS.test(pathOf(state.snapshot)) && (allows?.(state, event) ?? true);
  return [
    ...inputs.map((input) => callModel(input, FIRST_LIFE, inTime(allows))),
    callModel(SOMEBODY_THERE, LATER_LIVES, inTime(continued)),
  ];
}

/** Beyond these states a call that goes on after a break is like any other. */
const BREAK_MATTERS = /^connecting|^conversation\.(greeting|bargeIn|speaking)/;

/** Together they have every way through a call. */
export function callModels(): MachineModel[] {
  return [SOMEBODY_THERE, NOBODY_THERE].flatMap((input) => [
    callModel(input, FIRST_LIFE),
    callModel(input, LATER_LIVES),
  ]);
}

function callModel(
  input: CallInput,
  starts: readonly CallEvent[],
  allows?: ModelOptions['allows'],
): MachineModel {
  return new MachineModel(callMachine, {
    input,
    variants: { ...CALL_EVENT_FORMS, 'line.started': starts },
    reads: READS,
    ...(allows && { allows }),
  });
}

const FIRST_LIFE: CallEvent[] = [{ type: 'line.started' }];
/** No time has passed before, so that the limits of a path are those of its timers. */
const LATER_LIVES = (['agent', 'answer', 'caller', 'handoff', 'nothing'] as const).map(
  (cutOff): CallEvent => ({
    type: 'line.started',
    continued: { cutOff, elapsedMs: 0, turns: cutOff === 'agent' ? 1 : 0 },
  }),
);

/** Of events that carry something that matters. */
export const CALL_EVENT_FORMS = {
  'caller.pressed': [
    { type: 'caller.pressed', digit: '0' },
    { type: 'caller.pressed', digit: '5' },
  ],
  'agent.transferred': [{ type: 'agent.transferred', destination: 'manager' }],
  'line.started': [...FIRST_LIFE, ...LATER_LIVES],
} satisfies Partial<Record<CallEvent['type'], CallEvent[]>>;

const READS: ContextRead[] = [
  { guards: ['turnsAreUsedUp', 'hadConversation'], value: ({ turns }: CallContext) => turns },
  { guards: ['lastFailure'], value: ({ failures }: CallContext) => failures },
  { guards: ['mayAskAgain'], value: ({ reprompts }: CallContext) => reprompts },
  {
    guards: ['mayAskAgain', 'personShouldTakeOver', 'ranOutOfTime'],
    value: ({ reason }: CallContext) => reason,
  },
  {
    guards: ['personIsReachable'],
    value: ({ destination }: CallContext) => destination !== null,
  },
  { guards: ['answerIsOwed'], value: ({ unanswered }: CallContext) => unanswered },
  {
    guards: ['answerIsOwedFromBefore'],
    value: ({ cutOff }: CallContext) => cutOff === 'agent' || cutOff === 'answer',
  },
  {
    guards: ['isMovingOn', 'isStaying'],
    value: ({ movingOn }: CallContext) => movingOn,
  },
  { guards: ['isLeaving'], value: ({ leaving }: CallContext) => leaving },
];
