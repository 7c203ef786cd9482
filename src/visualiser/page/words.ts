/** What somebody said, in whatever script and length, as text. */
import { element } from './element.ts';

/** Longer words are shown up to here until the viewer wants all of them. */
const SHOWN_CHARACTERS = 600;

/**
 * @param name of the element: `del` for words that nobody heard
 * @param most how many characters are shown at first
 */
export function words(
  text: string,
  name: 'span' | 'del' = 'span',
  most = SHOWN_CHARACTERS,
): HTMLElement {
  const isLong = text.length > most * 1.2;
  const short = `${beginning(text, most)}…`;
  const shown = document.createTextNode(isLong ? short : text);
  const place = element(name, { class: 'words', dir: 'auto' }, shown);
  if (!isLong) return place;
  const button = element('button', { class: 'show-all', type: 'button', 'aria-expanded': 'false' });
  const label = `Show all ${text.length.toLocaleString('en')} characters`;
  button.textContent = label;
  let isAll = false;
  button.addEventListener('click', (event) => {
    event.stopPropagation();
    isAll = !isAll;
    shown.data = isAll ? text : short;
    button.textContent = isAll ? 'Show less' : label;
    button.setAttribute('aria-expanded', String(isAll));
  });
  return element('span', { class: 'long-words' }, place, ' ', button);
}

/** Not through the middle of a character that takes two units. */
function beginning(text: string, most: number): string {
  return text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
}
