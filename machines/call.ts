/**
 * The life of one phone call as a statechart.
 *
 * It holds what a call means and nothing else: no audio, no sockets, no clock but the named delays.
 * Three actors do the work and are given by whoever runs the machine:
 *   line   the telephone: tells when the stream starts, ends, and which digits are pressed
 *   ears   the caller's side: tells when the caller speaks, pauses, has finished, has interrupted
 *   agent  our side: prepares and speaks replies and clips; what it is told stays in force until the
 *          next word to it
 * They live as long as the call does; each is told what to do by one message per transition.
 */
import { assign, cancel, fromCallback, raise, sendTo, setup } from 'xstate';
import type {
  AgentCommand,
  CallContext,
  CallEvent,
  CallInput,
  CallOutcome,
  CallOutput,
  ClipName,
  CutOff,
  EarsCommand,
  LineCommand,
  LineInput,
  TimeoutReason,
} from './call-protocol.ts';

export const callMachine = setup({
  types: {
    context: {} as CallContext,
    events: {} as CallEvent,
    input: {} as CallInput,
    output: {} as CallOutput,
    tags: {} as 'agentHasTheFloor' | 'callerHasTheFloor' | 'closing',
    meta: {} as { main?: boolean },
  },
  actors: {
    line: fromCallback<LineCommand, LineInput>(notProvided('line')),
    ears: fromCallback<EarsCommand>(notProvided('ears')),
    agent: fromCallback<AgentCommand>(notProvided('agent')),
  },
  actions: {
    listen: sendTo('ears', { type: 'attend', to: 'listening' }),
    listenWhileThinking: sendTo('ears', { type: 'attend', to: 'thinking' }),
    listenWhileSpeaking: sendTo('ears', { type: 'attend', to: 'speaking' }),
    judgeInterruption: sendTo('ears', { type: 'attend', to: 'interrupted' }),
    stopListening: sendTo('ears', { type: 'rest' }),

    playGreeting: sendTo('agent', ({ context }) => ({
      type: 'play',
      clip: greetingAfter(context.cutOff),
    })),
    play: sendTo('agent', (_, params: { clip: ClipName }) => ({ type: 'play', ...params })),
    fill: sendTo('agent', (_, params: { clip: ClipName }) => ({ type: 'fill', ...params })),
    prepareReply: sendTo('agent', { type: 'prepare' }),
    reply: sendTo('agent', { type: 'reply' }),
    hush: sendTo('agent', { type: 'hush' }),
    resumeSpeech: sendTo('agent', { type: 'resume' }),
    yieldFloor: sendTo('agent', { type: 'yield' }),

    takeUp: assign(({ event }) => {
      if (event.type !== 'line.started' || !event.continued) return {};
      const { cutOff, elapsedMs, turns } = event.continued;
      // Words that go on are no new answer: only one that was never heard will count.
      return { cutOff, elapsedMs, turns, unanswered: cutOff === 'answer' };
    }),
    forgetCutOff: assign({ cutOff: null }),
    moveOn: assign({ movingOn: true }),
    countTurn: assign({
      turns: ({ context }) => context.turns + 1,
      failures: 0,
      unanswered: false,
    }),
    countFailure: assign({
      failures: ({ context }) => context.failures + 1,
      unanswered: false,
    }),
    oweAnswer: assign({ unanswered: true }),
    countReprompt: assign({ reprompts: ({ context }) => context.reprompts + 1 }),
    forgetReprompts: assign({ reprompts: 0, reason: null, leaving: false }),
    forgetFailures: assign({ failures: 0 }),
    // The goodbye is the answer.
    takeLeave: assign({ leaving: true, unanswered: false }),
    noteDestination: assign({
      destination: ({ event }) => (event.type === 'agent.transferred' ? event.destination : null),
    }),
    blame: assign({ reason: (_, params: { reason: TimeoutReason }) => params.reason }),
    conclude: assign({ outcome: (_, params: { outcome: CallOutcome }) => params.outcome }),

    awaitSilence: raise({ type: 'limit.silence' }, { id: 'silence', delay: 'filler' }),
    forgetSilence: cancel('silence'),
    startCallCap: raise({ type: 'limit.call' }, { id: 'callCap', delay: 'callCap' }),
    forgetInactivity: cancel('inactivity'),
    forgetPause: cancel('handOver'),
    awaitPause: raise({ type: 'limit.handOver' }, { id: 'handOver', delay: 'handOver' }),
    awaitActivity: raise({ type: 'limit.inactivity' }, { id: 'inactivity', delay: 'inactivity' }),
  },
  guards: {
    turnsAreUsedUp: ({ context }) => context.turns >= context.limits.turns,
    lastFailure: ({ context }) => context.failures + 1 >= context.limits.failures,
    mayAskAgain: ({ context }) =>
      context.reason === 'idle' && context.reprompts < context.limits.reprompts,
    personShouldTakeOver: ({ context }) =>
      context.reason === 'turns' || context.reason === 'engine',
    ranOutOfTime: ({ context }) => context.reason === 'callCap',
    personIsReachable: ({ context }) => context.personReachable || context.destination !== null,
    asksForPerson: ({ event }) => event.type === 'caller.pressed' && event.digit === '0',
    wasOnTheWayToPerson: ({ event }) =>
      event.type === 'line.started' && event.continued?.cutOff === 'handoff',
    answerIsOwedFromBefore: ({ context }) =>
      context.cutOff === 'agent' || context.cutOff === 'answer',
    isMovingOn: ({ context }) => context.movingOn,
    isStaying: ({ context }) => !context.movingOn,
    answerIsOwed: ({ context }) => context.unanswered,
    isLeaving: ({ context }) => context.leaving,
    hadConversation: ({ context }) => context.turns > 0,
  },
  delays: {
    firstMessages: ({ context }) => context.limits.firstMessagesMs,
    callCap: ({ context }) => Math.max(0, context.limits.callMs - context.elapsedMs),
    inactivity: ({ context }) => context.limits.inactivityMs,
    idle: ({ context }) => context.limits.idleMs,
    callerTurn: ({ context }) => context.limits.callerTurnMs,
    agentTurn: ({ context }) => context.limits.agentTurnMs,
    filler: ({ context }) => context.limits.fillerMs,
    toolFiller: ({ context }) => context.limits.toolFillerMs,
    apology: ({ context }) => context.limits.apologyMs,
    giveUp: ({ context }) => context.limits.giveUpMs,
    bargeIn: ({ context }) => context.limits.bargeInMs,
    announcement: ({ context }) => context.limits.announcementMs,
    handOver: ({ context }) => context.limits.handOverMs,
  },
}).createMachine({
  id: 'call',
  description: 'One phone call, from the opened media stream to its single outcome.',
  options: { maxIterations: 100 },
  context: ({ input }) => ({
    limits: input.limits,
    personReachable: input.personReachable,
    cutOff: null,
    elapsedMs: 0,
    turns: 0,
    reprompts: 0,
    failures: 0,
    unanswered: false,
    leaving: false,
    movingOn: false,
    destination: null,
    reason: null,
    outcome: null,
  }),
  invoke: [
    {
      id: 'line',
      src: 'line',
      input: ({ context }) => ({ firstMessagesMs: context.limits.firstMessagesMs }),
      onError: { target: '.ended', actions: { type: 'conclude', params: { outcome: 'failed' } } },
    },
    {
      id: 'ears',
      src: 'ears',
      onError: { target: '.ended', actions: { type: 'conclude', params: { outcome: 'failed' } } },
    },
    {
      id: 'agent',
      src: 'agent',
      onError: { target: '.ended', actions: { type: 'conclude', params: { outcome: 'failed' } } },
    },
  ],
  on: {
    'caller.hungUp': [
      {
        guard: 'hadConversation',
        target: '.ended',
        actions: { type: 'conclude', params: { outcome: 'completed' } },
      },
      { target: '.ended', actions: { type: 'conclude', params: { outcome: 'abandoned' } } },
    ],
    'line.lost': { target: '.ended', actions: { type: 'conclude', params: { outcome: 'lost' } } },
    'line.answeredByMachine': {
      target: '.ended',
      actions: { type: 'conclude', params: { outcome: 'machine' } },
    },
    // Asked again, the first deadline stands.
    'operator.handOver': { guard: 'isStaying', actions: ['moveOn', 'awaitPause'] },
  },
  initial: 'connecting',
  states: {
    connecting: {
      description:
        'The media stream is open; its first messages must come and carry a valid token.',
      after: {
        firstMessages: {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'refused' } },
        },
      },
      on: {
        'line.started': [
          { guard: 'wasOnTheWayToPerson', target: 'handoff', actions: 'takeUp' },
          {
            target: 'conversation',
            actions: ['takeUp', 'startCallCap'],
            meta: { main: true },
          },
        ],
        'line.refused': {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'refused' } },
        },
        'operator.shutdown': {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'refused' } },
        },
        'operator.handOver': {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'refused' } },
        },
      },
    },

    conversation: {
      description: 'Caller and agent talk; what ends a conversation from outside is handled here.',
      initial: 'greeting',
      on: {
        'limit.call': {
          target: 'timeout',
          actions: { type: 'blame', params: { reason: 'callCap' } },
        },
        'limit.inactivity': {
          target: 'timeout',
          actions: { type: 'blame', params: { reason: 'inactivity' } },
        },
        'line.unattended': {
          target: 'timeout',
          actions: { type: 'blame', params: { reason: 'unattended' } },
        },
        'operator.shutdown': {
          target: 'timeout',
          actions: { type: 'blame', params: { reason: 'shutdown' } },
        },
        'limit.handOver': 'movingOn',
        'caller.pressed': { guard: 'asksForPerson', target: 'handoff' },
        'agent.transferred': { target: 'handoff', actions: 'noteDestination' },
        'agent.concluded': '.farewell',
      },
      states: {
        greeting: {
          description:
            'A clip rendered at start-up is played at once, after a break one that says so; the caller may interrupt it.',
          tags: 'agentHasTheFloor',
          entry: ['playGreeting', 'listenWhileSpeaking', 'forgetInactivity', 'awaitActivity'],
          after: { agentTurn: { target: 'listening', actions: 'yieldFloor' } },
          on: {
            'agent.finished': [
              { guard: 'answerIsOwedFromBefore', target: 'thinking' },
              { target: 'listening', meta: { main: true } },
            ],
            'agent.failed': [
              { guard: 'answerIsOwedFromBefore', target: 'thinking' },
              { target: 'listening' },
            ],
            'caller.spoke': 'bargeIn',
          },
        },

        listening: {
          description: 'The caller has the floor.',
          tags: 'callerHasTheFloor',
          entry: ['listen', 'forgetCutOff'],
          initial: 'waiting',
          states: {
            waiting: {
              description:
                'Nobody speaks; silence for too long is asked about. It is the pause to move on in.',
              always: { guard: 'isMovingOn', target: '#call.movingOn' },
              after: {
                idle: {
                  target: '#call.timeout',
                  actions: { type: 'blame', params: { reason: 'idle' } },
                },
              },
              on: { 'caller.spoke': 'hearing' },
            },
            hearing: {
              description:
                'The caller is taking a turn, with or without pauses; one turn has a cap.',
              entry: ['forgetReprompts', 'forgetInactivity', 'awaitActivity'],
              after: {
                callerTurn: [
                  {
                    guard: 'turnsAreUsedUp',
                    target: '#call.timeout',
                    actions: { type: 'blame', params: { reason: 'turns' } },
                  },
                  { target: '#call.conversation.thinking', actions: 'oweAnswer' },
                ],
              },
              on: {
                'caller.finished': [
                  {
                    guard: 'turnsAreUsedUp',
                    target: '#call.timeout',
                    actions: { type: 'blame', params: { reason: 'turns' } },
                  },
                  {
                    target: '#call.conversation.thinking',
                    actions: 'oweAnswer',
                    meta: { main: true },
                  },
                ],
                'caller.ignored': [
                  // A cough after the caller's turn must not cost the caller the answer.
                  { guard: 'answerIsOwed', target: '#call.conversation.thinking' },
                  { target: 'waiting', actions: 'yieldFloor' },
                ],
              },
              initial: 'talking',
              states: {
                talking: {
                  description: 'Speech is coming in.',
                  on: { 'caller.paused': 'paused' },
                },
                paused: {
                  description:
                    'A short silence: a reply is prepared, held back, and dropped if speech resumes.',
                  entry: 'prepareReply',
                  on: { 'caller.resumed': { target: 'talking', actions: 'yieldFloor' } },
                },
              },
            },
          },
        },

        thinking: {
          description:
            'The caller has finished and waits: the queue, the first words of the model, the voice.',
          entry: ['reply', 'listenWhileThinking', 'awaitSilence', 'forgetCutOff'],
          exit: 'forgetSilence',
          on: {
            'agent.audible': [
              {
                guard: 'answerIsOwed',
                target: 'speaking',
                actions: 'countTurn',
                meta: { main: true },
              },
              // The same answer goes on, after a tool or after a break: it is one turn.
              { target: 'speaking', actions: 'forgetFailures' },
            ],
            'agent.consulting': '.consulting',
            'agent.failed': [
              {
                guard: 'lastFailure',
                target: '#call.timeout',
                actions: ['countFailure', { type: 'blame', params: { reason: 'engine' } }],
              },
              {
                target: 'speaking',
                actions: ['countFailure', { type: 'play', params: { clip: 'apology' } }],
              },
            ],
            'caller.spoke': { target: 'listening.hearing', actions: 'yieldFloor' },
          },
          after: {
            giveUp: [
              {
                guard: 'lastFailure',
                target: '#call.timeout',
                actions: [
                  'yieldFloor',
                  'countFailure',
                  { type: 'blame', params: { reason: 'engine' } },
                ],
              },
              {
                target: 'speaking',
                actions: [
                  'yieldFloor',
                  'countFailure',
                  { type: 'play', params: { clip: 'apology' } },
                ],
              },
            ],
          },
          initial: 'quiet',
          states: {
            quiet: {
              description: 'A natural silence before an answer.',
              after: { filler: 'filling' },
              on: { 'limit.silence': 'filling' },
            },
            filling: {
              description: 'The silence grew long: a short filler tells that we are at it.',
              entry: { type: 'fill', params: { clip: 'filler' } },
              after: { apology: 'apologising' },
            },
            consulting: {
              description: 'A tool of the model works: the book of reservations is asked.',
              initial: 'brief',
              states: {
                brief: {
                  description: 'Most answers come before anybody notices.',
                  after: { toolFiller: 'filling' },
                  on: {
                    'limit.silence': 'filling',
                    'agent.consulted': '#call.conversation.thinking.quiet',
                  },
                },
                filling: {
                  description: 'It takes a while: the caller is told what we are at.',
                  entry: { type: 'fill', params: { clip: 'checking' } },
                  after: { apology: 'apologising' },
                  on: { 'agent.consulted': '#call.conversation.thinking.wording' },
                },
                apologising: {
                  description: 'It takes too long: the caller is asked for patience.',
                  entry: { type: 'fill', params: { clip: 'patience' } },
                  on: { 'agent.consulted': '#call.conversation.thinking.wording' },
                },
              },
            },
            wording: {
              description:
                'What the tool answered is put into words; the caller knows that we are at it.',
              after: { apology: 'apologising' },
            },
            apologising: {
              description: 'Still nothing: the caller is told that it takes a moment longer.',
              entry: { type: 'fill', params: { clip: 'patience' } },
            },
          },
        },

        speaking: {
          description:
            'The agent is heard. It ends when the last mark comes back, not when the last byte is sent.',
          tags: 'agentHasTheFloor',
          entry: ['listenWhileSpeaking', 'forgetInactivity', 'awaitActivity'],
          after: { agentTurn: { target: 'listening', actions: 'yieldFloor' } },
          on: {
            'agent.finished': [
              // A cough into our goodbye does not keep the call.
              {
                guard: 'isLeaving',
                target: '#call.ended',
                actions: { type: 'conclude', params: { outcome: 'completed' } },
              },
              // After a cough into the words about the break.
              { guard: 'answerIsOwedFromBefore', target: 'thinking' },
              { target: 'listening', meta: { main: true } },
            ],
            'agent.consulting': 'thinking.consulting',
            'agent.failed': [
              {
                guard: 'lastFailure',
                target: '#call.timeout',
                actions: ['countFailure', { type: 'blame', params: { reason: 'engine' } }],
              },
              { target: 'listening', actions: 'countFailure' },
            ],
            'caller.spoke': 'bargeIn',
          },
        },

        bargeIn: {
          description:
            'The caller spoke over the agent: sound stops first, then it is decided whether to yield.',
          entry: ['hush', 'judgeInterruption'],
          after: { bargeIn: { target: 'listening.hearing', actions: 'yieldFloor' } },
          on: {
            'caller.interrupted': { target: 'listening.hearing', actions: 'yieldFloor' },
            'caller.ignored': { target: 'speaking', actions: 'resumeSpeech' },
          },
        },

        farewell: {
          description: 'The model ends the call: goodbye is said, and the caller may still object.',
          tags: 'agentHasTheFloor',
          entry: [
            'takeLeave',
            { type: 'play', params: { clip: 'farewell' } },
            'listenWhileSpeaking',
          ],
          after: {
            announcement: {
              target: '#call.ended',
              actions: { type: 'conclude', params: { outcome: 'completed' } },
            },
          },
          on: {
            'agent.finished': {
              target: '#call.ended',
              actions: { type: 'conclude', params: { outcome: 'completed' } },
            },
            'agent.failed': {
              target: '#call.ended',
              actions: { type: 'conclude', params: { outcome: 'completed' } },
            },
            'caller.spoke': 'bargeIn',
          },
        },
      },
    },

    timeout: {
      description: 'A limit was reached. The caller is always told before anything ends.',
      tags: 'agentHasTheFloor',
      entry: 'yieldFloor',
      initial: 'deciding',
      states: {
        deciding: {
          description: 'What the limit means for this call.',
          always: [
            { guard: 'mayAskAgain', target: 'asking' },
            { guard: 'personShouldTakeOver', target: '#call.handoff' },
            { guard: 'ranOutOfTime', target: 'outOfTime' },
            { target: 'farewell' },
          ],
        },
        asking: {
          description: 'The caller was silent: "are you still there?"',
          entry: [
            'countReprompt',
            { type: 'play', params: { clip: 'reprompt' } },
            'listenWhileSpeaking',
          ],
          after: {
            announcement: { target: '#call.conversation.listening', actions: 'yieldFloor' },
          },
          on: {
            'agent.finished': '#call.conversation.listening',
            'agent.failed': '#call.conversation.listening',
            'caller.spoke': '#call.conversation.bargeIn',
            'caller.pressed': { guard: 'asksForPerson', target: '#call.handoff' },
            'limit.call': {
              target: '#call.timeout',
              actions: { type: 'blame', params: { reason: 'callCap' } },
              reenter: true,
            },
            'operator.shutdown': {
              target: '#call.timeout',
              actions: { type: 'blame', params: { reason: 'shutdown' } },
              reenter: true,
            },
            'limit.handOver': '#call.movingOn',
          },
        },
        outOfTime: {
          description: 'The cap on a call is reached: said, then ended.',
          tags: 'closing',
          entry: ['stopListening', { type: 'play', params: { clip: 'outOfTime' } }],
          after: {
            announcement: {
              target: '#call.ended',
              actions: { type: 'conclude', params: { outcome: 'timedOut' } },
            },
          },
          on: {
            'agent.finished': {
              target: '#call.ended',
              actions: { type: 'conclude', params: { outcome: 'timedOut' } },
            },
            'agent.failed': {
              target: '#call.ended',
              actions: { type: 'conclude', params: { outcome: 'timedOut' } },
            },
          },
        },
        farewell: {
          description: 'Goodbye is said.',
          tags: 'closing',
          entry: ['stopListening', { type: 'play', params: { clip: 'goodbye' } }],
          after: {
            announcement: {
              target: '#call.ended',
              actions: { type: 'conclude', params: { outcome: 'timedOut' } },
            },
          },
          on: {
            'agent.finished': {
              target: '#call.ended',
              actions: { type: 'conclude', params: { outcome: 'timedOut' } },
            },
            'agent.failed': {
              target: '#call.ended',
              actions: { type: 'conclude', params: { outcome: 'timedOut' } },
            },
          },
        },
      },
    },

    handoff: {
      description: 'A person takes over: said first; then the stream closes and Twilio dials.',
      tags: ['agentHasTheFloor', 'closing'],
      entry: ['stopListening', 'yieldFloor'],
      initial: 'deciding',
      states: {
        deciding: {
          description: 'Is anybody there to take the call?',
          always: [{ guard: 'personIsReachable', target: 'announcing' }, '#call.voicemail'],
        },
        announcing: {
          description: '"One moment, I will connect you."',
          entry: { type: 'play', params: { clip: 'handoff' } },
        },
      },
      after: {
        announcement: {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'handedOff' } },
        },
      },
      on: {
        'agent.finished': {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'handedOff' } },
        },
        'agent.failed': {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'handedOff' } },
        },
      },
    },

    voicemail: {
      description: 'Nobody can take over: the caller may leave a message, which Twilio records.',
      tags: ['agentHasTheFloor', 'closing'],
      entry: { type: 'play', params: { clip: 'nobodyThere' } },
      after: {
        announcement: {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'voicemail' } },
        },
      },
      on: {
        'agent.finished': {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'voicemail' } },
        },
        'agent.failed': {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'voicemail' } },
        },
      },
    },

    movingOn: {
      description:
        '"One moment, please": Twilio takes the call to another process, where it goes on.',
      tags: ['agentHasTheFloor', 'closing'],
      entry: ['forgetPause', 'stopListening', { type: 'play', params: { clip: 'movingOn' } }],
      after: {
        announcement: {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'continued' } },
        },
      },
      on: {
        'agent.finished': {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'continued' } },
        },
        'agent.failed': {
          target: 'ended',
          actions: { type: 'conclude', params: { outcome: 'continued' } },
        },
      },
    },

    ended: {
      description: 'The call has its outcome; everything it used is released.',
      type: 'final',
    },
  },
  output: ({ context }) => ({
    outcome: context.outcome ?? 'failed',
    reason: context.reason,
    destination: context.destination,
    turns: context.turns,
  }),
});

/** The words with which a life of the call begins, by what the life before it broke off. */
function greetingAfter(cutOff: CutOff | null): ClipName {
  if (cutOff === null) return 'greeting';
  return cutOff === 'caller' ? 'cutOffYou' : 'cutOff';
}

/** Running the machine without giving it this actor is a mistake of the programmer: say so. */
function notProvided(actor: string): () => never {
  return () => {
    throw new Error(`expected the actor "${actor}" from callMachine.provide(), got none`);
  };
}
