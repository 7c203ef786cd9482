import type { CallContext, CallEvent, Continued } from '../../machines/call-protocol.ts';
import type { Driver, Effect, World } from './driver.ts';

/** All that can happen to a call from outside of its machine. */
export interface CallWorld extends World {
  /** Twilio's first messages come, with a valid token, of a call that goes on or not; or not so. */
  startStream(continued?: Continued): Effect;
  refuseStream(): Effect;
  /** The socket breaks, without Twilio's "stop". */
  breakStream(): Effect;
  /** Twilio finds out that a machine took our call. */
  answerByMachine(): Effect;
  /** Nobody has answered us for long: what speaks there is no person. */
  leaveUnattended(): Effect;
  /** Twilio's "stop". */
  hangUp(): Effect;
  press(digit: string): Effect;

  /** Sound of the caller begins: after silence; into our words; again, after a pause. */
  speak(): Effect;
  resume(): Effect;
  /** Silence of the caller begins, and lasts: long enough for a pause; for the end of the turn. */
  pause(): Effect;
  finish(): Effect;
  /** What has begun as speech lasts long enough to be meant; or it was a cough, and is over. */
  interrupt(): Effect;
  cough(): Effect;

  /** The engine and the voice bring the first sound of the answer. */
  voiceAnswer(): Effect;
  /** Twilio echoes the mark after the last sound of what is being said. */
  echoLastMark(): Effect;
  /** The engine or the voice fails. */
  failAnswer(): Effect;
  /** The model calls a tool, and nothing is being said. The tool answers. */
  beginTool(): Effect;
  endTool(): Effect;
  /** The model calls the tools that act upon the call itself. */
  transfer(destination: string): Effect;
  conclude(): Effect;

  /** The server is told to go: to end the call, or to give it to another process. */
  shutDown(): Effect;
  handOver(): Effect;
  /** An error of our own: something throws inside of this actor. */
  breakActor(actor: 'line' | 'ears' | 'agent'): Effect;
}

const CONNECTED = ['conversation', 'timeout', 'handoff', 'voicemail', 'movingOn'];
const THINKING = 'conversation.thinking';
/** The answer is on its way, and no tool is at work. */
const ANSWERING = ['quiet', 'filling', 'wording', 'apologising'].map(
  (state) => `${THINKING}.${state}`,
);
const SPEAKING = 'conversation.speaking';
const HEARING = 'conversation.listening.hearing';

type Edge = CallEvent['type'] | `xstate.error.actor.${'line' | 'ears' | 'agent'}`;
/** Time brings these, as it brings every `after`. */
type Timed = 'limit.call' | 'limit.inactivity' | 'limit.silence' | 'limit.handOver';

/** What causes each edge of a call, and where it can. */
export const CALL_DRIVER = {
  'line.started': {
    act: (world, { continued }) => world.startStream(continued),
    in: ['connecting'],
  },
  'line.refused': { act: (world) => world.refuseStream(), in: ['connecting'] },
  // Before the stream has started, a socket that closes is one that does not start properly.
  'line.lost': { act: (world) => world.breakStream(), in: CONNECTED },
  'line.answeredByMachine': { act: (world) => world.answerByMachine(), in: CONNECTED },
  'line.unattended': { act: (world) => world.leaveUnattended(), in: ['conversation'] },
  'caller.hungUp': { act: (world) => world.hangUp(), in: CONNECTED },
  'caller.pressed': {
    act: (world, { digit }) => world.press(digit),
    in: ['conversation', 'timeout.asking'],
  },

  'caller.spoke': {
    act: (world) => world.speak(),
    in: [
      'conversation.greeting',
      'conversation.listening.waiting',
      THINKING,
      SPEAKING,
      'conversation.farewell',
      'timeout.asking',
    ],
  },
  'caller.paused': { act: (world) => world.pause(), in: [`${HEARING}.talking`] },
  'caller.resumed': { act: (world) => world.resume(), in: [`${HEARING}.paused`] },
  // A turn ends after a pause, however short.
  'caller.finished': { act: (world) => world.finish(), in: [`${HEARING}.paused`] },
  'caller.interrupted': { act: (world) => world.interrupt(), in: ['conversation.bargeIn'] },
  'caller.ignored': { act: (world) => world.cough(), in: [HEARING, 'conversation.bargeIn'] },

  'agent.audible': { act: (world) => world.voiceAnswer(), in: ANSWERING },
  'agent.finished': {
    act: (world) => world.echoLastMark(),
    in: [
      'conversation.greeting',
      SPEAKING,
      'conversation.farewell',
      'timeout',
      'handoff',
      'voicemail',
      'movingOn',
    ],
  },
  // What was rendered when the server started cannot fail: only an answer can.
  'agent.failed': {
    act: (world) => world.failAnswer(),
    in: [...ANSWERING, SPEAKING],
    when: answerIsUnderWay,
  },
  'agent.consulting': {
    act: (world) => world.beginTool(),
    in: [...ANSWERING, SPEAKING],
    when: answerIsUnderWay,
  },
  'agent.consulted': { act: (world) => world.endTool(), in: [`${THINKING}.consulting`] },
  // These two are tools as well: they act when they have ended.
  'agent.transferred': {
    act: (world, { destination }) => world.transfer(destination),
    in: [`${THINKING}.wording`],
  },
  'agent.concluded': { act: (world) => world.conclude(), in: [`${THINKING}.wording`] },

  'operator.shutdown': { act: (world) => world.shutDown(), in: ['connecting', ...CONNECTED] },
  'operator.handOver': { act: (world) => world.handOver(), in: ['connecting', ...CONNECTED] },

  'xstate.error.actor.line': { act: (world) => world.breakActor('line'), in: [] },
  'xstate.error.actor.ears': { act: (world) => world.breakActor('ears'), in: [] },
  'xstate.error.actor.agent': { act: (world) => world.breakActor('agent'), in: [] },
} satisfies Record<Exclude<Edge, Timed>, Driver<CallWorld>[string]>;

/** Awaited, or heard: what is being said is not a clip. */
function answerIsUnderWay(context: CallContext, state: string): boolean {
  const { turns, failures, leaving, reason } = context;
  if (state !== SPEAKING) return true;
  return turns > 0 && failures === 0 && !leaving && reason === null;
}
