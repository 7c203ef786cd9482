/** After a call: the caller's side as a file, and how it is said again. */
import type { CallerTrack } from './caller-track.ts';
import { element } from './element.ts';
import { duration } from './format.ts';

/** How long "copied" stands in place of "copy". */
const COPIED_MS = 2000;

export class ScenarioCard {
  readonly element = element('section', { class: 'card scenario', 'aria-label': 'Scenario' });
  #url: string | undefined;

  constructor() {
    this.hide();
  }

  hide(): void {
    this.element.hidden = true;
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = undefined;
  }

  show(track: CallerTrack, at: Date): void {
    this.hide();
    const name = scenarioName(at);
    this.#url = URL.createObjectURL(track.wav());
    const command = scenarioCommand(name, location.href);
    const download = { class: 'button', href: this.#url, download: name };
    this.element.replaceChildren(
      element('h2', {}, 'Recorded as a scenario'),
      element(
        'p',
        { class: 'small soft' },
        `Your side, ${duration(track.durationMs)}, as the server got it. It is in this page alone until you download it.`,
      ),
      element(
        'p',
        { class: 'scenario-actions' },
        element('a', download, 'Download WAV'),
        copyButton(command),
      ),
      element(
        'p',
        { class: 'small soft' },
        'Said again by the simulated caller, in a shell with the server’s settings:',
      ),
      element('pre', { class: 'mono', tabindex: 0, 'aria-label': 'Command' }, command),
    );
    this.element.hidden = false;
  }
}

/** `softphone-20261125-190731.wav` */
export function scenarioName(at: Date): string {
  const parts = [at.getFullYear(), at.getMonth() + 1, at.getDate()];
  const times = [at.getHours(), at.getMinutes(), at.getSeconds()];
  const digits = (numbers: number[]) => numbers.map((n) => String(n).padStart(2, '0')).join('');
  return `softphone-${digits(parts)}-${digits(times)}.wav`;
}

/** @param page the address of this page, below which the server is */
export function scenarioCommand(name: string, page: string): string {
  const server = new URL('..', page).href.replace(/\/$/, '');
  return `npm run call -- --url ${server} --public-url "$PUBLIC_URL" --say ${name}`;
}

function copyButton(text: string): HTMLButtonElement {
  const button = element('button', { type: 'button' }, 'Copy command');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Select it below';
    }
    setTimeout(() => (button.textContent = 'Copy command'), COPIED_MS);
  });
  return button;
}
