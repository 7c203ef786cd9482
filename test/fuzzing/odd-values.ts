/** Values that programs trip over. */
import type { Random } from '../simulation/random.ts';

/** Stands in many of the texts, and nowhere else: where it comes out again, it was not checked. */
export const CANARY = 'zqxjkvw';

/** Names that every object has already. */
export const INHERITED_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'toJSON',
  'then',
  'length',
] as const;

const SHORT_TEXTS = [
  ...['', ' ', '0', '-0', '-1', '1', '01', '1.5', '1e3', '1e309', '0x10', ' 1', '1 ', '+1', '١'],
  ...['NaN', 'Infinity', '-Infinity', 'null', 'undefined', 'true', 'false', '[]', '{}'],
  ...['999999999999999', '9007199254740993', '18446744073709551616', '1'.repeat(400)],
  ...['\0', '\u001f', '\u007f', '\u0085', '\u2028', '\u202e', '\ufeff', '\ufffe', '\uffff'],
  ...['\ud800', '\udc00', 'a\ud800b', '\udfff\ud800', '😀', '🏳️‍🌈', 'e\u0301', '您好', 'ß', 'İ'],
  ...['\r\n', '\n\n', '\t', '%00', '%0d%0a', '%', '%E0%A4%A', '&amp;', '&#0;', '&#x1F;', ']]>'],
  ...['<', '>', '&', '"', "'", '`', '\\', '/', '..', '../../etc/passwd', '#{x}', '{{x}}', '%s'],
  ...['</Say><Dial>+19005550199</Dial><Say>', '<!DOCTYPE x [<!ENTITY y "z">]>', '--><Hangup/>'],
  ...["'; drop table calls; --", 'http://evil.example/', 'javascript:alert(1)', '+19005550199'],
  ...INHERITED_NAMES,
];

const NUMBERS = [
  ...[0, -0, 1, -1, 0.5, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, -(2 ** 53), 1e21, 1e308, -1e308],
  ...[5e-324, 255, 256, 65_535, 65_536, 999_999_999_999_999],
];

/** Longer than any buffer of one message. */
const LONG = [100, 257, 1000, 4000, 20_000];

export function oddText(random: Random): string {
  const die = random.unit();
  if (die < 0.5) return random.pick(SHORT_TEXTS);
  if (die < 0.7) return CANARY + random.pick(SHORT_TEXTS);
  if (die < 0.85) return anyUnits(random, random.integer(0, 12));
  if (die < 0.97) return random.pick(SHORT_TEXTS) + random.pick(SHORT_TEXTS) + CANARY;
  return random.pick(['a', ' ', '0', '😀', '\\', '<', '\ud800']).repeat(random.pick(LONG));
}

export function oddKey(random: Random): string {
  return random.chance(0.6) ? random.pick(INHERITED_NAMES) : oddText(random);
}

/** What JSON can hold. */
export function oddValue(random: Random): unknown {
  const die = random.unit();
  if (die < 0.4) return oddText(random);
  if (die < 0.6) return random.pick(NUMBERS);
  if (die < 0.75) return random.pick([null, true, false, [], {}, [null], [[]], [{}]]);
  if (die < 0.9) return withKey({}, oddKey(random), random.pick([1, null, {}, CANARY, [CANARY]]));
  if (die < 0.98) return [oddText(random), random.pick(NUMBERS), {}];
  return nested(random.pick([10, 200, 1500]), random.chance(0.5));
}

/** Sets what assignment would not: `__proto__` too becomes a property of its own. */
export function withKey<T extends object>(target: T, key: string, value: unknown): T {
  return Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** Any UTF-16 units, halves of characters among them. */
function anyUnits(random: Random, length: number): string {
  return String.fromCharCode(...Array.from({ length }, () => random.integer(0, 0xffff)));
}

function nested(depth: number, asList: boolean): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at++) value = asList ? [value] : { a: value };
  return value;
}
