/** Makes elements. Text becomes text nodes and nothing else: words of a caller are never HTML. */

export type Child = Node | string | number | null | undefined | false;

export interface Attributes {
  class?: string;
  /** Listeners by event name. */
  on?: Readonly<Record<string, (event: Event) => void>>;
  [name: string]: unknown;
}

/** @param attributes `false`, null and undefined leave an attribute out; `true` sets it empty. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  dress(made, attributes);
  append(made, children);
  return made;
}

/** The same for drawings. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  dress(made, attributes);
  append(made, children);
  return made;
}

/** Touches the page only where the text is another one. */
export function setText(place: Element, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

function dress(made: Element, { on = {}, ...attributes }: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    made.setAttribute(name, value === true ? '' : String(value));
  }
  for (const [type, listener] of Object.entries(on)) made.addEventListener(type, listener);
}

function append(made: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === null || child === false) continue;
    made.append(typeof child === 'number' ? String(child) : child);
  }
}
