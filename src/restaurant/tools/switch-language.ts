import { z } from 'zod';
import { oneOf } from '../argument.ts';
import type { Profile } from '../profile.ts';
import { type Tool, tool } from '../tool.ts';
import { accepted } from '../tool-answer.ts';

/** Not offered where there is one language only. */
export function switchLanguage(profile: Profile): Tool | undefined {
  const languages = Object.keys(profile.languages);
  if (languages.length < 2) return undefined;
  return tool({
    name: 'switch_language',
    description: 'Speak another language from now on, when the caller does.',
    schema: z.strictObject({ language: oneOf(languages, englishNames(languages)) }),
    async run({ language }) {
      const name = englishName(language);
      return accepted(`Speak ${name} from now on.`, {}, { type: 'speakLanguage', language });
    },
  });
}

/** `German` for `de-AT`, if no other language of the profile is German too. */
function englishNames(languages: readonly string[]): Record<string, string> {
  const named = languages.map((language) => [englishName(language.slice(0, 2)), language] as const);
  return Object.fromEntries(
    named.filter(([name]) => named.filter(([other]) => other === name).length === 1),
  );
}

function englishName(language: string): string {
  return new Intl.DisplayNames(['en'], { type: 'language' }).of(language) ?? language;
}
