/** What a Cartesia that has lost its mind might answer to the text of one reply. */
import type { Random } from '../simulation/random.ts';
import { mutatedJson, mutatedText } from './mutate.ts';
import { oddText, oddValue } from './odd-values.ts';

export type CartesiaInput =
  /** A text message; `@context@` is filled in when it is sent. */
  | { text: string }
  /** A binary message, in base64. */
  | { binary: string }
  /** The socket: closed properly, or cut. */
  | { end: 'close' | 'cut' };

export const CONTEXT = '@context@';
/** What ends a reply that its messages did not end. */
export const DONE = JSON.stringify(message('done', { done: true }));

export function drawCartesiaCase(random: Random): CartesiaInput[] {
  const isRight = random.chance(0.1);
  const inputs: CartesiaInput[] = [];
  for (let left = random.skewed(1, 200); left > 0; left--) {
    inputs.push(isRight ? { text: JSON.stringify(right(random)) } : anything(random));
  }
  if (random.chance(0.9)) inputs.push({ text: DONE });
  else inputs.push({ end: random.pick(['close', 'cut'] as const) });
  return inputs;
}

function anything(random: Random): CartesiaInput {
  const die = random.unit();
  if (die < 0.75) return { text: JSON.stringify(right(random)) };
  // Most of what is wrong ends the trust in the socket, and with it the case.
  if (die < 0.985) return { text: stillJson(random) };
  if (die < 0.99) return { text: mutatedText(JSON.stringify(right(random)), random) };
  if (die < 0.994) return { text: oddText(random) };
  if (die < 0.997) return { binary: random.bytes(random.skewed(0, 500)).toString('base64') };
  return { text: mutatedJson(error(random), random) };
}

/** Damaged, and JSON all the same. */
function stillJson(random: Random): string {
  const text = mutatedJson(right(random), random);
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(message('timestamps', { word_timestamps: oddValue(random) }));
  }
}

function right(random: Random): object {
  const die = random.unit();
  if (die < 0.7) {
    const data = random.bytes(random.skewed(0, 800)).toString('base64');
    return message('chunk', { data, done: false, step_time: 10 });
  }
  if (die < 0.9) return message('timestamps', { done: false, word_timestamps: words(random) });
  if (die < 0.95) return message('flush_done', { done: false, flush_done: true, flush_id: 1 });
  return { ...message('chunk', { data: '/w==' }), context_id: random.pick(['other', '', null]) };
}

function words(random: Random): object {
  const count = random.integer(0, 4);
  const list = <T>(make: (at: number) => T) => Array.from({ length: count }, (_, at) => make(at));
  const odd = () => oddValue(random);
  return {
    words: list(() => (random.chance(0.9) ? 'word' : odd())),
    start: list((at) => (random.chance(0.9) ? at / 10 : odd())),
    end: list((at) => (random.chance(0.9) ? (at + 1) / 10 : odd())),
  };
}

function error(random: Random): object {
  const status_code = random.pick([400, 401, 402, 403, 404, 429, 500, 503]);
  const fields = { error_code: 'internal_error', title: 'Error', message: oddText(random) };
  return { ...message('error', { done: true, ...fields }), status_code };
}

function message(type: string, fields: object): object {
  return { type, context_id: CONTEXT, status_code: 206, ...fields };
}
