/** After a call: the caller's side as a file, and how it is said again. */
import type { CallerTrack } from './caller-track.ts';
import { element } from './element.ts';
import { duration } from './format.ts';
import { scenarioCommand, scenarioName } from './scenario-command.ts';

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
