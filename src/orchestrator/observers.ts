import type { CallObserver } from '../call/call-services.ts';

/** One observer that tells each of these, in this order. */
export function joinObservers(observers: readonly CallObserver[]): CallObserver {
  const tell =
    <Name extends keyof CallObserver>(name: Name) =>
    (...told: Parameters<NonNullable<CallObserver[Name]>>): void => {
      for (const observer of observers) {
        (observer[name] as ((...args: typeof told) => void) | undefined)?.apply(observer, told);
      }
    };
  return {
    onInspection: tell('onInspection'),
    onState: tell('onState'),
    onStarted: tell('onStarted'),
    onWords: tell('onWords'),
    onTurn: tell('onTurn'),
    onReply: tell('onReply'),
    onSpeculation: tell('onSpeculation'),
    onTool: tell('onTool'),
    onBargeIn: tell('onBargeIn'),
    onPlayout: tell('onPlayout'),
    onEnded: tell('onEnded'),
  };
}
