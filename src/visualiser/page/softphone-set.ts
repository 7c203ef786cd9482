/** The telephone itself: what it is doing, both sides' levels, keys, and the button. */
import { element, setText } from './element.ts';
import { duration } from './format.ts';
import { Keypad } from './keypad.ts';
import { LevelMeter } from './level-meter.ts';
import type { CallOptions, SoftphoneState } from './softphone-line.ts';
import { mayHaveMicrophone, TelephoneError } from './telephone.ts';

const TITLES: Readonly<Record<SoftphoneState['name'], string>> = {
  idle: 'Ready',
  asking: 'Microphone?',
  connecting: 'Connecting …',
  inCall: 'In call',
  ended: 'Call ended',
  failed: 'No call',
};
const HOW: Readonly<Record<'hungUp' | 'byServer' | 'lost', string>> = {
  hungUp: 'You hung up.',
  byServer: 'The agent ended the call.',
  lost: 'The connection to the server broke.',
};

export interface SoftphoneSetListener {
  onCall(options: CallOptions): void;
  onHangUp(): void;
  onPressed(key: string): void;
}

export class SoftphoneSet {
  readonly element: HTMLElement;
  readonly keypad: Keypad;
  readonly #title = element('p', { class: 'set-title', role: 'status' });
  readonly #clock = element('p', { class: 'set-clock number' });
  readonly #line = element('p', { class: 'set-line small' });
  readonly #screen: HTMLElement;
  readonly #spoken = new LevelMeter('You', 'caller');
  readonly #heard = new LevelMeter('Agent', 'agent');
  readonly #button: HTMLButtonElement;
  readonly #noise = checkbox('Suppress noise around me', true);
  readonly #record = checkbox('Record my side as a scenario', true);
  #state: SoftphoneState = { name: 'idle' };

  constructor(listener: SoftphoneSetListener) {
    this.keypad = new Keypad((key) => listener.onPressed(key));
    const click = () => {
      if (isBusy(this.#state)) listener.onHangUp();
      else listener.onCall(this.#options);
    };
    this.#button = element('button', { type: 'button', class: 'call-button', on: { click } });
    this.#screen = element(
      'div',
      { class: 'set-screen' },
      element('div', { class: 'set-head' }, this.#title, this.#clock),
      this.#line,
    );
    this.element = element(
      'section',
      { class: 'card softphone-set', 'aria-label': 'Telephone' },
      this.#screen,
      element('div', { class: 'meters' }, this.#spoken.element, this.#heard.element),
      this.keypad.element,
      this.#button,
      element('div', { class: 'set-options small' }, this.#noise.label, this.#record.label),
    );
    this.show(this.#state);
  }

  show(state: SoftphoneState): void {
    this.#state = state;
    const busy = isBusy(state);
    this.#screen.className = `set-screen ${state.name}`;
    setText(this.#title, TITLES[state.name]);
    setText(this.#line, lineOf(state));
    setText(this.#button, state.name === 'inCall' ? 'Hang up' : busy ? 'Cancel' : 'Call');
    this.#button.className = `call-button ${busy ? 'ending' : 'primary'}`;
    this.#button.disabled = !busy && !mayHaveMicrophone();
    this.keypad.isEnabled = state.name === 'inCall';
    for (const { input } of [this.#noise, this.#record]) input.disabled = busy;
    if (state.name !== 'inCall') this.levels(undefined, undefined);
    this.tick();
  }

  /** What became of the call that has ended, in words. */
  set outcome(text: string) {
    setText(this.#line, `${lineOf(this.#state)} ${text}`);
  }

  levels(spokenDb: number | undefined, heardDb: number | undefined): void {
    this.#spoken.show(spokenDb);
    this.#heard.show(heardDb);
  }

  tick(): void {
    const { name } = this.#state;
    if (name === 'inCall') setText(this.#clock, duration(performance.now() - this.#state.since));
    else setText(this.#clock, name === 'ended' ? duration(this.#state.durationMs) : '');
  }

  get #options(): CallOptions {
    return {
      noiseSuppression: this.#noise.input.checked,
      isRecorded: this.#record.input.checked,
    };
  }
}

/** Is there something that can be ended? */
export function isBusy({ name }: SoftphoneState): boolean {
  return name === 'asking' || name === 'connecting' || name === 'inCall';
}

function lineOf(state: SoftphoneState): string {
  switch (state.name) {
    case 'idle':
      if (!mayHaveMicrophone()) return new TelephoneError('insecure').message;
      return 'Calls this server as a telephone would, with your microphone. No phone number needed.';
    case 'asking':
      return 'The browser asks whether this page may hear you.';
    case 'connecting':
      return 'The server is asked to take the call.';
    case 'inCall':
      return 'Speak. The keys work from the keyboard, too.';
    case 'ended':
      return HOW[state.how];
    case 'failed':
      return state.reason;
  }
}

function checkbox(text: string, checked: boolean) {
  const input = element('input', { type: 'checkbox', checked });
  return { input, label: element('label', {}, input, text) };
}
