import { callMachine } from '../../machines/call.ts';
import type {
  CallContext,
  CallEvent,
  CallInput,
  CallLimits,
} from '../../machines/call-protocol.ts';
import { TEST_LIMITS } from '../support/steered-call.ts';
import { type ContextRead, inTime, MachineModel, type ModelOptions } from './machine-model.ts';

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
  return inputs.map((input) => callModel(input, inTime(allows)));
}

/** Both together have every way through a call. */
export function callModels(): MachineModel[] {
  return [SOMEBODY_THERE, NOBODY_THERE].map((input) => callModel(input));
}

function callModel(input: CallInput, allows?: ModelOptions['allows']): MachineModel {
  return new MachineModel(callMachine, {
    input,
    variants: CALL_EVENT_FORMS,
    reads: READS,
    ...(allows && { allows }),
  });
}

/** Of events that carry something that matters. */
export const CALL_EVENT_FORMS = {
  'caller.pressed': [
    { type: 'caller.pressed', digit: '0' },
    { type: 'caller.pressed', digit: '5' },
  ],
  'agent.transferred': [{ type: 'agent.transferred', destination: 'manager' }],
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
  { guards: ['isLeaving'], value: ({ leaving }: CallContext) => leaving },
];
