/** What became of a softphone's call, for whoever made it. */
import { outcomeName } from './state-name.ts';

const WORDS: Readonly<Record<string, string>> = {
  abandoned: 'abandoned, before the first answer.',
  voicemail: 'voicemail. On a telephone, you would be asked for a message now.',
  failed: 'failed, by an error of the server’s own. Its log says which.',
};

export interface Outcome {
  outcome: string;
  reason: string | null;
  /** Who was asked for, as the profile calls them. */
  destination?: unknown;
}

export function outcomeInWords({ outcome, reason, destination }: Outcome): string {
  if (outcome === 'handedOff') {
    const who = typeof destination === 'string' && destination ? destination : 'a person';
    return `Outcome: handed off. On a telephone, ${who} would be dialled now.`;
  }
  const why = reason ? ` (${outcomeName(reason)})` : '';
  return `Outcome: ${WORDS[outcome] ?? `${outcomeName(outcome)}${why}.`}`;
}
