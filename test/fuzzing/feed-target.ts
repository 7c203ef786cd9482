/** What a stranger's first messages do to the visualiser's feed. */
import { WebSocket } from 'ws';
import type { Random } from '../simulation/random.ts';
import { SteeredProcess, startSteeredServer } from '../support/steered-server.ts';
import { inTime } from '../support/twilio-hand.ts';
import { type FuzzTarget, mustHold, Reached } from './fuzz-target.ts';
import { judgeLog } from './judge-log.ts';
import { mutatedJson } from './mutate.ts';
import { CANARY, oddText } from './odd-values.ts';

/** `@token@` stands for the right one. */
export type FeedInput = { text: string } | { binary: string };

const TOKEN = 'the token of the interface, long enough';
const PLACE = '@token@';
const ANSWER_MS = 10_000;
/** Unauthorised; too large, not UTF-8; a viewer that talks. */
const REFUSED = [4401, 1007, 1008, 1009];

export async function feedTarget(): Promise<FuzzTarget<FeedInput>> {
  const reached = new Reached();
  const rest = new SteeredProcess();
  Object.assign(rest, { access: 'token', apiToken: TOKEN });
  const server = await startSteeredServer(rest);
  const url = `${server.url.replace('http', 'ws')}/visualiser/feed`;
  return {
    inputs: 'viewer messages',
    concurrency: 4,
    reached,
    draw: drawFeedCase,
    async run(inputs) {
      const socket = new WebSocket(url, { origin: server.url, perMessageDeflate: false });
      const told: string[] = [];
      const closed = new Promise<number>((resolve) => socket.on('close', resolve));
      socket.on('error', () => undefined).on('message', (data) => told.push(data.toString()));
      await inTime(new Promise((resolve) => socket.once('open', resolve)), 'a socket', ANSWER_MS);
      for (const input of inputs) socket.send(filled(input));
      const code = await inTime(closed, 'the viewer to be sent away', ANSWER_MS);
      const first = inputs[0];
      const isKnown = first !== undefined && 'text' in first && showsToken(first.text);
      mustHold(REFUSED.includes(code), `expected a viewer that talks to be refused, got ${code}`);
      mustHold(isKnown || told.length === 0, `expected a stranger to be told nothing`);
      mustHold(!told.join().includes(CANARY), 'expected nothing to be echoed');
      judgeLog(server.log);
      reached.note(`${isKnown ? 'viewer' : 'stranger'} ${code}`);
      return inputs.length;
    },
    async close() {
      rest.feed.close();
      await server.app.close();
    },
  };
}

function drawFeedCase(random: Random): FeedInput[] {
  const first = random.chance(0.2) ? { text: JSON.stringify({ token: PLACE }) } : odd(random);
  return [first, ...Array.from({ length: random.integer(1, 4) }, () => odd(random))];
}

function odd(random: Random): FeedInput {
  const die = random.unit();
  if (die < 0.1) return { binary: random.bytes(random.skewed(0, 300)).toString('base64') };
  if (die < 0.4) return { text: oddText(random) };
  return { text: mutatedJson({ token: random.chance(0.5) ? PLACE : 'wrong' }, random) };
}

function filled(input: FeedInput): string | Buffer {
  if ('binary' in input) return Buffer.from(input.binary, 'base64');
  return input.text.replaceAll(PLACE, TOKEN);
}

function showsToken(text: string): boolean {
  try {
    const { token } = JSON.parse(text) as { token?: unknown };
    return token === PLACE;
  } catch {
    return false;
  }
}
