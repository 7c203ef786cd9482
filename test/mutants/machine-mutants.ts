/** Bugs in what a call means, and in when the engine is trusted. */
import type { Mutant } from './mutants.ts';

const CALL = 'machines/call.ts';
const ENGINE = 'machines/engine.ts';

export const machineMutants: readonly Mutant[] = [
  {
    name: 'no cap on a call',
    file: CALL,
    from: "actions: ['takeUp', 'startCallCap'],",
    to: "actions: 'takeUp',",
    catcher: 'simulation',
    seed: 93,
  },
  {
    name: 'the floor is not yielded to who interrupts',
    file: CALL,
    from: "'caller.interrupted': { target: 'listening.hearing', actions: 'yieldFloor' },",
    to: "'caller.interrupted': { target: 'listening.hearing' },",
    catcher: 'simulation',
    seed: 152,
  },
  {
    name: 'the caller speaks into our words, and they go on',
    file: CALL,
    from: "entry: ['hush', 'judgeInterruption'],",
    to: "entry: ['judgeInterruption'],",
    catcher: 'walks',
  },
  {
    name: 'what was prepared stays when the caller goes on',
    file: CALL,
    from: "'caller.resumed': { target: 'talking', actions: 'yieldFloor' }",
    to: "'caller.resumed': { target: 'talking' }",
    catcher: 'walks',
  },
  {
    name: 'a turn is counted twice',
    file: CALL,
    from: 'turns: ({ context }) => context.turns + 1,',
    to: 'turns: ({ context }) => context.turns + 2,',
    catcher: 'paths',
  },
  {
    name: 'what comes after a tool is counted as another turn',
    file: CALL,
    from: `                guard: 'answerIsOwed',
                target: 'speaking',`,
    to: `                target: 'speaking',`,
    catcher: 'walks',
  },
  {
    name: 'the cap ends a call without a word',
    file: CALL,
    from: "entry: ['stopListening', { type: 'play', params: { clip: 'outOfTime' } }],",
    to: "entry: ['stopListening'],",
    catcher: 'paths',
  },
  {
    name: 'a silence after a quick tool is not filled',
    file: CALL,
    from: `              after: { filler: 'filling' },
              on: { 'limit.silence': 'filling' },`,
    to: `              on: { 'limit.silence': 'filling' },`,
    catcher: 'paths',
  },
  {
    name: 'nobody is asked again: the first silence ends a call',
    file: CALL,
    from: 'context.reprompts < context.limits.reprompts,',
    to: 'context.reprompts + 1 > context.limits.reprompts,',
    catcher: 'paths',
  },
  {
    name: 'an engine that has failed too often takes calls',
    file: ENGINE,
    from: 'context.failures + 1 >= context.limits.failures',
    to: 'context.failures >= context.limits.failures',
    catcher: 'walks',
  },
  {
    name: 'an engine may warm up for ever',
    file: ENGINE,
    from: "      after: { warmUp: 'down' },\n",
    to: '',
    catcher: 'paths',
  },
];
