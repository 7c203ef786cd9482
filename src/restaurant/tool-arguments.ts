import { dateOfWord, spokenDay } from './spoken-day.ts';
import type { Tool } from './tool.ts';

export type ReadArguments =
  | { ok: true; args: unknown /** The same for the same meaning. */; canonical: string }
  | { ok: false /** For the model, one sentence. */; why: string };

/**
 * A tool's arguments from what the model wrote for them.
 *
 * @param json anything; empty means none
 * @param today where the restaurant is, `2026-11-27`
 */
export function readArguments(tool: Tool, json: string, today: string): ReadArguments {
  if (Buffer.byteLength(json) > MAX_ARGUMENT_BYTES) {
    return { ok: false, why: 'The arguments are too long.' };
  }
  const given = objectOf(json);
  if (!given) return { ok: false, why: 'The arguments are not a JSON object.' };
  const date = given.get('date');
  if (typeof date === 'string') given.set('date', dateOfWord(date, today) ?? date);
  const parsed = tool.schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return { ok: true, args: parsed.data, canonical: canonical(parsed.data) };
  const reasons = parsed.error.issues.slice(0, 3).map((issue) => sentence(issue, given));
  if (reasons.some((reason) => reason.includes('YYYY-MM-DD'))) {
    reasons.push(`today is ${spokenDay(today)}, ${today}`);
  }
  return { ok: false, why: `${reasons.join('; ')}.` };
}

const MAX_ARGUMENT_BYTES = 16_384;

/** The object's entries; what is null or empty was not meant to be given. */
function objectOf(json: string): Map<string, unknown> | undefined {
  if (json.trim() === '') return new Map();
  let value = parsed(json);
  // Some models write the object as text within the text.
  if (typeof value === 'string') value = parsed(value);
  if (value === null) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value).filter(([, each]) => each !== null && each !== ''));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

interface Issue {
  code?: string;
  path: readonly PropertyKey[];
  message: string;
  keys?: readonly string[];
}

function sentence(issue: Issue, given: ReadonlyMap<string, unknown>): string {
  if (issue.code === 'unrecognized_keys') {
    const names = (issue.keys ?? []).slice(0, 3).map(harmless);
    return `There is no argument ${names.join(', ')}`;
  }
  const name = String(issue.path[0] ?? 'arguments');
  if (issue.path.length > 0 && !given.has(name)) return `"${name}" is missing: ask the caller`;
  return `"${name}": ${issue.message}`;
}

/** A name that the model made up goes back to it, but no digits and nothing long. */
function harmless(name: string): string {
  return `"${name.replace(/[^A-Za-z_]/g, '').slice(0, 30)}"`;
}

/** Arguments are flat objects of text and numbers. */
function canonical(args: unknown): string {
  return JSON.stringify(Object.entries(args as object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
