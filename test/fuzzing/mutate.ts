/** Damages what is valid: a message that is nearly right gets further than noise does. */
import type { Random } from '../simulation/random.ts';
import { oddKey, oddText, oddValue, withKey } from './odd-values.ts';

/** JSON of the value with up to three things wrong in it, and now and then not JSON any more. */
export function mutatedJson(value: unknown, random: Random): string {
  let changed = structuredClone(value);
  for (let times = random.skewed(0, 3); times >= 0; times--) {
    changed = changedSomewhere(changed, random);
  }
  const text = JSON.stringify(changed);
  if (random.chance(0.05)) return withTwice(text, random);
  return random.chance(0.15) ? mutatedText(text, random) : text;
}

/** The text with a piece of it missing, doubled, or replaced. */
export function mutatedText(text: string, random: Random): string {
  const from = random.integer(0, text.length);
  const to = Math.min(text.length, from + random.skewed(1, 40));
  const piece = text.slice(from, to);
  switch (random.integer(0, 7)) {
    case 0:
      return text.slice(0, from);
    case 1:
      return text.slice(0, from) + text.slice(to);
    case 2:
      return text.slice(0, to) + piece.repeat(random.integer(1, 20)) + text.slice(to);
    case 3:
      return text.slice(0, from) + oddText(random) + text.slice(to);
    case 4:
      return (
        text.slice(0, from) + random.pick(['NaN', '-', '1e999', "'", ',', '}', ']', ':', '\\u'])
      );
    case 5:
      return random.pick(['\ufeff', ' ', '\0', 'x', '[', '[['.repeat(4000)]) + text;
    case 6:
      return text + random.pick([text, 'x', ',', ' ', '\n', '\0', '}'.repeat(9)]);
    default:
      return (
        text.slice(0, from) + String.fromCharCode(random.integer(0, 0xff)) + text.slice(from + 1)
      );
  }
}

/** One of its bytes flipped, or some cut away or put in. */
export function mutatedBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.integer(0, Math.max(0, bytes.length - 1));
  if (random.chance(0.4))
    return Buffer.concat([bytes.subarray(0, at), random.bytes(3), bytes.subarray(at)]);
  if (random.chance(0.3)) return bytes.subarray(0, at);
  const changed = Buffer.from(bytes);
  if (changed.length > 0) changed[at] = (changed[at] ?? 0) ^ (1 << random.integer(0, 7));
  return changed;
}

function changedSomewhere(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.1)) {
    return replaced(value, random);
  }
  const keys = Object.keys(value);
  const key = keys.length > 0 ? random.pick(keys) : oddKey(random);
  const before: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  const die = random.unit();
  if (die < 0.12) {
    if (Array.isArray(value)) return [...value, oddValue(random)];
    return withKey(value, oddKey(random), oddValue(random));
  }
  if (Array.isArray(value) && keys.length === 0) return [oddValue(random)];
  if (die < 0.22 && !Array.isArray(value)) {
    Reflect.deleteProperty(value, key);
    return random.chance(0.5) ? value : withKey(value, oddKey(random), before);
  }
  return withKey(value, key, changedSomewhere(before, random));
}

function replaced(value: unknown, random: Random): unknown {
  switch (random.integer(0, 5)) {
    case 0:
      return [value];
    case 1:
      return { value };
    case 2:
      return typeof value === 'string' ? Number(value) : String(JSON.stringify(value));
    case 3:
      return typeof value === 'string' ? mutatedText(value, random) : oddValue(random);
    default:
      return oddValue(random);
  }
}

/** A key of the object given a second time: parsers differ over which of the two counts. */
function withTwice(text: string, random: Random): string {
  const key = /"[^"\\]{1,20}":/.exec(text.slice(random.integer(0, text.length)))?.[0];
  if (!key || !text.startsWith('{')) return text;
  return `{${key}${JSON.stringify(oddValue(random))},${text.slice(1)}`;
}
