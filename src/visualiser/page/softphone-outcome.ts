/** What became of a softphone's call, for whoever made it. */
import { outcomeName } from './state-name.ts';

const WORDS: Readonly<Record<string, string>> = {
  completed: 'Completed: a conversation, and an end.',
  abandoned: 'Abandoned: it ended before the first answer.',
  voicemail: 'Voicemail. On a telephone, you would be asked for a message now.',
  lost: 'Lost: the sound broke off without a word.',
  refused: 'Refused: the server did not believe the first messages.',
  failed: 'Failed: an error of the server’s own. Its log says which.',
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
    return `Handed off. On a telephone, ${who} would be dialled now.`;
  }
  if (outcome === 'timedOut') return `Timed out: ${outcomeName(reason ?? 'a limit')}.`;
  return WORDS[outcome] ?? `${outcomeName(outcome)}.`;
}
