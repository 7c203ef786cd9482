/** How a call ended, or that it goes on. */
import type { CallJson } from './call-json.ts';
import { element } from './element.ts';
import { outcomeName } from './state-name.ts';

const LOOKS: Readonly<Record<string, string>> = {
  completed: 'good',
  handedOff: 'good',
  voicemail: 'warn',
  timedOut: 'warn',
  abandoned: 'warn',
  machine: '',
  lost: 'bad',
  failed: 'bad',
  refused: 'bad',
};

export function outcomeBadge(call: CallJson, isLive: boolean): HTMLElement {
  const { outcome, reason } = call;
  if (isLive) return element('span', { class: 'badge state live' }, 'live');
  if (outcome === null) return element('span', { class: 'badge' }, 'end not known');
  const why = reason ? `: ${outcomeName(reason)}` : '';
  const badge = element('span', { class: `badge ${LOOKS[outcome] ?? ''}` });
  badge.textContent = `${outcomeName(outcome)}${why}`;
  return badge;
}
