import { withoutSpecialTokens } from './special-tokens.ts';

/**
 * A tool call of the model as later requests can hold it. Chat templates and engines parse past calls:
 * arguments that are no JSON object, nested too deep or half a character, and control tokens in a name
 * would fail every request from then on.
 *
 * @param argumentsJson anything; what no tool could have taken is left out
 */
export function pastCall(name: string, argumentsJson: string) {
  return {
    name: name.replace(/[^\w-]/g, '').slice(0, MAX_NAME_CHARACTERS) || 'unknown',
    argumentsJson: flatObject(argumentsJson),
  };
}

const MAX_NAME_CHARACTERS = 64;
/** More than all tools' longest arguments; it is read again with every request. */
const MAX_ARGUMENT_CHARACTERS = 2_048;

function flatObject(json: string): string {
  const entries = Object.entries(parsed(json)).flatMap(([key, value]) => {
    if (typeof value === 'object' && value !== null) return [];
    return [[clean(key), typeof value === 'string' ? clean(value) : value]];
  });
  const flat = JSON.stringify(Object.fromEntries(entries));
  return flat.length <= MAX_ARGUMENT_CHARACTERS ? flat : '{}';
}

function parsed(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told to the model by the result.
  }
  return {};
}

function clean(text: string): string {
  return withoutSpecialTokens(text.toWellFormed());
}
