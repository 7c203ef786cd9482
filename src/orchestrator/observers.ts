import type { CallObserver } from '../call/call-services.ts';

/** One observer that tells each of these, in this order. */
export function joinObservers(observers: readonly CallObserver[]): CallObserver {
  return {
    onInspection: (...told) => observers.forEach((each) => each.onInspection?.(...told)),
    onState: (...told) => observers.forEach((each) => each.onState?.(...told)),
    onStarted: (...told) => observers.forEach((each) => each.onStarted?.(...told)),
    onWords: (...told) => observers.forEach((each) => each.onWords?.(...told)),
    onTurn: (...told) => observers.forEach((each) => each.onTurn?.(...told)),
    onEnded: (...told) => observers.forEach((each) => each.onEnded?.(...told)),
  };
}
