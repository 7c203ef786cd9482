/** One tool call of the model, with what came of it, as a quiet card. */
import { element } from './element.ts';
import { words } from './words.ts';

/** No tool of ours has more; what a model makes up may. */
const MOST_FIELDS = 20;
const NAME_CHARACTERS = 60;
const VALUE_CHARACTERS = 240;

/** @param text JSON of name, arguments and result; null or anything else is shown as it is */
export function toolCard(text: string | null): HTMLElement {
  if (text === null) return element('p', { class: 'turn-words soft' }, '(no longer kept)');
  const call = asObject(text);
  if (!call) return element('div', { class: 'tool-card' }, words(text));
  const name = element(
    'p',
    { class: 'tool-name mono' },
    words(textOf(call.name), 'span', NAME_CHARACTERS),
  );
  const arrow = element('p', { 'aria-label': 'Result' }, '→');
  return element(
    'div',
    { class: 'tool-card' },
    element('div', { class: 'tool-line' }, name, fields(call.arguments)),
    element('div', { class: 'tool-line' }, arrow, fields(call.result)),
  );
}

function fields(value: unknown): HTMLElement {
  const object = typeof value === 'string' ? asObject(value) : value;
  if (typeof object !== 'object' || object === null) {
    return element('p', { class: 'tool-fields' }, words(textOf(value), 'span', VALUE_CHARACTERS));
  }
  const entries = Object.entries(object);
  if (entries.length === 0) return element('p', { class: 'tool-fields soft' }, 'nothing');
  const more = entries.length - MOST_FIELDS;
  const rows = entries
    .slice(0, MOST_FIELDS)
    .map(([name, field]) =>
      element(
        'div',
        {},
        element('dt', {}, element('bdi', {}, name.slice(0, NAME_CHARACTERS))),
        element('dd', {}, words(textOf(field), 'span', VALUE_CHARACTERS)),
      ),
    );
  return element(
    'dl',
    { class: 'tool-fields' },
    ...rows,
    more > 0 && element('div', {}, element('dt', {}, `and ${more} more`)),
  );
}

function asObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return JSON.stringify(value) ?? '–';
}
