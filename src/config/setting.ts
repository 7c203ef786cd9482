/** How one setting is read: text of the environment in, a checked value out. */
import { z } from 'zod';

// Each says what it expects for whatever is not text, too: the page of settings asks it that way.

export const text = (what: string) =>
  z.string(`expected ${what}`).trim().min(1, `expected ${what}`);

export function pattern(form: RegExp, what: string) {
  return z.string(`expected ${what}`).trim().regex(form, `expected ${what}`);
}

export function secret(minimum: number, what: string) {
  const expected = `expected ${what} of at least ${minimum} characters`;
  return z.string(expected).min(minimum, expected);
}

export function number(minimum: number, maximum: number, fallback: number, unit: string) {
  const expected = `expected a number (${unit}) from ${minimum} to ${maximum}`;
  return z
    .string(expected)
    .trim()
    .regex(/^\d+(\.\d+)?$/, expected)
    .transform(Number)
    .pipe(z.number().min(minimum, expected).max(maximum, expected))
    .default(fallback);
}

export function integer(minimum: number, maximum: number, fallback: number, unit: string) {
  const expected = `expected a whole number (${unit}) from ${minimum} to ${maximum}`;
  return z
    .string(expected)
    .trim()
    .regex(/^\d+$/, expected)
    .transform(Number)
    .pipe(z.number().min(minimum, expected).max(maximum, expected))
    .default(fallback);
}

export function oneOf<const Values extends readonly string[]>(
  values: Values,
  fallback: Values[number],
) {
  const expected = `expected ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
  return z.enum(values, { error: expected }).default(fallback as never);
}

export function url(schemes: readonly string[], what: string) {
  const expected = `expected ${what}, starting with ${schemes.map((s) => `${s}//`).join(' or ')}`;
  return z
    .string(expected)
    .trim()
    .refine((value) => {
      const parsed = URL.parse(value);
      return parsed !== null && schemes.includes(parsed.protocol) && parsed.search === '';
    }, expected)
    .transform((value) => value.replace(/\/+$/, ''));
}
