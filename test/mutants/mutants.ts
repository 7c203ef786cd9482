/** Planted bugs: each must be caught by the simulation. One line of the program, made wrong. */
import type { Mutant } from '../simulation/module-hooks.ts';

export const mutants: readonly Mutant[] = [
  {
    name: 'a second request in the slot',
    file: 'src/ultravox/engine-queue.ts',
    from: 'this.#queue = new PQueue({ concurrency });',
    to: 'this.#queue = new PQueue({ concurrency: concurrency + 1 });',
  },
  {
    name: 'sound after the clear',
    file: 'src/twilio/playback-pacer.ts',
    from: `  #stopSound(nowMs: number): Outgoing[] {
    this.#queue.clear();`,
    to: '  #stopSound(nowMs: number): Outgoing[] {',
  },
  {
    name: 'no cap on a call',
    file: 'machines/call.ts',
    from: "'line.started': { target: 'conversation', actions: 'startCallCap', meta: { main: true } },",
    to: "'line.started': { target: 'conversation', meta: { main: true } },",
  },
];
