/**
 * Plays the recording of a call, where there is one. It is loaded with the viewer's token, which the
 * browser's own player could not send, and played from memory.
 */
import type { Api } from './api.ts';
import { element } from './element.ts';
import { duration } from './format.ts';

/** That of the telephone: decoded at the loudspeaker's rate, half an hour would fill 700 MB. */
const SAMPLE_RATE_HZ = 8000;
const STEP_S = 5;

export interface RecordingEvents {
  /** Where it is, ms from the recording's beginning. */
  moved(ms: number, isPlaying: boolean): void;
}

export class RecordingPlayer {
  readonly element = element('div', { class: 'player', hidden: true });
  readonly #path: string;
  readonly #api: Api;
  readonly #events: RecordingEvents;
  readonly #button: HTMLButtonElement;
  readonly #slider: HTMLInputElement;
  readonly #clock = element('span', { class: 'number small' }, '0:00');
  readonly #problem = element('span', { class: 'problem small', role: 'alert' });
  readonly #abort = new AbortController();
  #context: AudioContext | undefined;
  #sound: AudioBuffer | undefined;
  #source: AudioBufferSourceNode | undefined;
  #positionS = 0;
  /** On the context's clock, when the position was 0. */
  #zeroAtS = 0;
  #frame = 0;

  constructor(api: Api, callSid: string, events: RecordingEvents) {
    this.#api = api;
    this.#path = `calls/${encodeURIComponent(callSid)}/recording`;
    this.#events = events;
    this.#button = element(
      'button',
      { type: 'button', on: { click: () => void this.#toggle() } },
      'Play the recording',
    );
    this.#slider = element('input', {
      type: 'range',
      min: 0,
      max: 0,
      step: 0.1,
      value: 0,
      disabled: true,
      'aria-label': 'Position in the recording',
      on: {
        input: () => this.seek(Number(this.#slider.value) * 1000),
        keydown: (event) => this.#press(event as KeyboardEvent),
      },
    });
    this.element.append(this.#button, this.#slider, this.#clock, this.#problem);
  }

  /** @param ms from the recording's beginning */
  seek(ms: number): void {
    if (!this.#sound) return;
    const isPlaying = this.#source !== undefined;
    this.#stop();
    this.#positionS = Math.min(Math.max(0, ms / 1000), this.#sound.duration);
    if (isPlaying) this.#start();
    this.#tell();
  }

  close(): void {
    this.#abort.abort();
    this.#stop();
    void this.#context?.close();
    this.#context = undefined;
  }

  async #toggle(): Promise<void> {
    if (this.#source) {
      this.#stop();
      this.#tell();
      return;
    }
    if (!this.#sound && !(await this.#load())) return;
    if (this.#abort.signal.aborted) return;
    if (this.#sound && this.#positionS >= this.#sound.duration - 0.05) this.#positionS = 0;
    this.#start();
  }

  async #load(): Promise<boolean> {
    this.#button.disabled = true;
    this.#button.textContent = 'Loading …';
    this.#problem.textContent = '';
    try {
      const blob = await this.#api.blob(this.#path, this.#abort.signal);
      this.#context ??= new AudioContext({ sampleRate: SAMPLE_RATE_HZ });
      this.#sound = await this.#context.decodeAudioData(await blob.arrayBuffer());
      this.#slider.max = String(this.#sound.duration);
      this.#slider.disabled = false;
      return true;
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#problem.textContent = `It cannot be played: ${error}`;
      return false;
    } finally {
      this.#button.disabled = false;
      this.#button.textContent = 'Play the recording';
    }
  }

  #start(): void {
    const context = this.#context;
    if (!context || !this.#sound) return;
    const source = context.createBufferSource();
    source.buffer = this.#sound;
    source.connect(context.destination);
    source.onended = () => {
      if (this.#source !== source) return;
      this.#positionS = this.#sound?.duration ?? 0;
      this.#stop();
      this.#tell();
    };
    void context.resume();
    this.#zeroAtS = context.currentTime - this.#positionS;
    source.start(0, this.#positionS);
    this.#source = source;
    this.#button.textContent = 'Pause';
    this.#follow();
  }

  #stop(): void {
    cancelAnimationFrame(this.#frame);
    const source = this.#source;
    this.#source = undefined;
    source?.stop();
    this.#button.textContent = 'Play the recording';
  }

  #follow(): void {
    this.#frame = requestAnimationFrame(() => {
      if (!this.#source || !this.#context) return;
      this.#positionS = this.#context.currentTime - this.#zeroAtS;
      this.#tell();
      this.#follow();
    });
  }

  #tell(): void {
    const ms = this.#positionS * 1000;
    const lengthMs = (this.#sound?.duration ?? 0) * 1000;
    this.#slider.value = String(this.#positionS);
    this.#slider.setAttribute('aria-valuetext', `${duration(ms)} of ${duration(lengthMs)}`);
    this.#clock.textContent = `${duration(ms)} / ${duration(lengthMs)}`;
    this.#events.moved(ms, this.#source !== undefined);
  }

  #press(event: KeyboardEvent): void {
    const by = { ArrowLeft: -STEP_S, ArrowRight: STEP_S }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    this.seek((this.#positionS + by) * 1000);
  }
}
