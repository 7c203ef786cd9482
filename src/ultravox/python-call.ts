/** Reads `name(key=value, …)`, the form in which Llama models write calls besides JSON. */

export interface PythonCall {
  name: string;
  /** The arguments as the text of a JSON object. */
  json: string;
  /** What stands after the closing bracket. */
  rest: string;
}

/**
 * The call with which a text begins. Values are quoted text, numbers, `True`, `False`, `None`, or bare
 * words as models write them (`time=19:30`). Undefined for positional arguments, nested values, a key
 * that comes twice, or a call that does not end. Linear in the text.
 */
export function pythonCall(text: string): PythonCall | undefined {
  const name = /^[A-Za-z_]\w{0,63}(?=\()/.exec(text)?.[0];
  if (name === undefined) return undefined;
  const values = new Map<string, unknown>();
  let at = name.length + 1;
  let isFirst = true;
  for (;;) {
    at = skipSpace(text, at);
    if (text[at] === ')') break;
    if (!isFirst) {
      if (text[at] !== ',') return undefined;
      at = skipSpace(text, at + 1);
      if (text[at] === ')') break;
    }
    const argument = argumentAt(text, at);
    if (!argument || values.has(argument.key)) return undefined;
    values.set(argument.key, argument.value);
    at = argument.end;
    isFirst = false;
  }
  return { name, json: JSON.stringify(Object.fromEntries(values)), rest: text.slice(at + 1) };
}

interface Argument {
  key: string;
  value: unknown;
  end: number;
}

function argumentAt(text: string, at: number): Argument | undefined {
  const key = matchAt(/[A-Za-z_]\w{0,63}/y, text, at);
  if (key === undefined) return undefined;
  const equals = skipSpace(text, at + key.length);
  if (text[equals] !== '=') return undefined;
  const from = skipSpace(text, equals + 1);
  const quote = text[from];
  if (quote === '"' || quote === "'") return quotedAt(text, from, key);
  const bare = matchAt(/[^,()'"=[\]{}]{1,500}/y, text, from);
  if (bare === undefined) return undefined;
  return { key, value: scalar(bare.trim()), end: from + bare.length };
}

function quotedAt(text: string, from: number, key: string): Argument | undefined {
  const quote = text[from];
  let value = '';
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === quote) return { key, value, end: at + 1 };
    if (text[at] === '\\') at++;
    value += text[at] ?? '';
  }
  return undefined;
}

function scalar(bare: string): unknown {
  if (/^-?\d{1,15}(?:\.\d{1,15})?$/.test(bare)) return Number(bare);
  if (bare === 'True' || bare === 'true') return true;
  if (bare === 'False' || bare === 'false') return false;
  if (bare === 'None' || bare === 'null') return null;
  return bare;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? '')) at++;
  return at;
}

/** @param pattern sticky */
function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
