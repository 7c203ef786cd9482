/**
 * A tool call that the model wrote as text. vLLM's parser for Llama 3 knows a call only at the very
 * beginning of a reply; after "Let me check." it comes as words.
 */
import { pythonCall } from './python-call.ts';

export interface LeakedCall {
  name: string;
  /** A JSON object, as text. Whether the tool exists and takes these arguments is not checked. */
  argumentsJson: string;
}

/**
 * The call in a reply, if there is exactly one, complete, in a form that Llama models write:
 * `{"name": …, "parameters": {…}}` (or `arguments`, or OpenAI's `function` around it),
 * `<function=name>{…}</function>` and `name(key="value")`, each with or without list brackets. Words,
 * tokens and fences may stand before and after it. Time grows linearly with the text.
 *
 * @param text the whole reply
 */
export function leakedToolCall(text: string): LeakedCall | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  const braceAt = text.indexOf('{');
  const python = PYTHON_START.exec(text);
  if (python && (braceAt < 0 || python.index < braceAt)) {
    const found = pythonCall(text.slice(python.index));
    return found && isOver(found.rest)
      ? { name: found.name, argumentsJson: found.json }
      : undefined;
  }
  if (braceAt < 0) return undefined;
  const end = objectEnd(text, braceAt);
  if (end < 0 || !isOver(text.slice(end))) return undefined;
  const object = parsed(text.slice(braceAt, end));
  const tag = FUNCTION_TAG.exec(text.slice(Math.max(0, braceAt - TAG_CHARACTERS), braceAt));
  return tag ? call(tag[1], object) : callOf(object);
}

/** As the desk's own limit for arguments: 16 KiB. */
const MAX_CHARACTERS = 16_384;
const NAME = /^[A-Za-z_]\w{0,63}$/;
/** A name that is no spoken word, or arguments with names: "a table (for two)" is neither. */
const PYTHON_START = /\b(?:[A-Za-z]{1,30}_\w{1,30}\(|[A-Za-z]\w{0,60}\(\w{1,40}\s?=)/;
const FUNCTION_TAG = /<function=([A-Za-z_]\w{0,63})>\s{0,9}$/;
const TAG_CHARACTERS = 100;

/** `{"name", "parameters"}` itself, or OpenAI's form with `function` around it. */
function callOf(object: unknown): LeakedCall | undefined {
  if (!isRecord(object)) return undefined;
  const inner = isRecord(object.function) ? object.function : object;
  const given = [inner.parameters, inner.arguments].filter((value) => value !== undefined);
  if (given.length !== 1) return undefined;
  return call(inner.name ?? inner.function, given[0]);
}

/** Arguments may have been written as text that holds an object. */
function call(name: unknown, given: unknown): LeakedCall | undefined {
  const object = typeof given === 'string' ? parsed(given) : given;
  if (typeof name !== 'string' || !NAME.test(name) || !isRecord(object)) return undefined;
  try {
    return { name, argumentsJson: JSON.stringify(object) };
  } catch {
    // Nested too deep to be written again.
    return undefined;
  }
}

/** Where the object that begins at `start` has ended, or -1; braces within strings do not count. */
function objectEnd(text: string, start: number): number {
  let depth = 0;
  let isString = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (isString) {
      if (character === '\\') at++;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return -1;
}

/** What follows may be anything but another call: which of two is meant is not for us to say. */
function isOver(rest: string): boolean {
  return !rest.includes('{') && !PYTHON_START.test(rest);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
