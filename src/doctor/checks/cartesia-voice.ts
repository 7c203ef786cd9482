import { NotFoundError } from '@cartesia/cartesia-js';
import { ProfileError } from '../../restaurant/profile-error.ts';
import { loadProfile } from '../../restaurant/profile-file.ts';
import { cartesiaApi, keyFinding } from '../cartesia-api.ts';
import type { Check, CheckContext } from '../check.ts';
import { type Finding, failure, pass, skipped } from '../finding.ts';

/** The voice that is set, and those that languages of the restaurant have of their own. */
export const cartesiaVoice: Check = {
  name: 'Cartesia voice',
  remedy: 'check the way out to api.cartesia.ai, and status.cartesia.ai',
  run: async (context, signal) => {
    const api = cartesiaApi(context.settings);
    const voices = voicesOf(context);
    const findings = await Promise.all(
      voices.map(async ({ id, where }): Promise<Finding> => {
        try {
          const { name } = await api.voices.get(id, {}, { signal });
          return pass(`"${name}"`);
        } catch (error) {
          if (!(error instanceof NotFoundError)) return unheard(error);
          const next = `choose a voice at play.cartesia.ai/voices, and set ${where}`;
          return failure(`there is no voice as in ${where}`, next);
        }
      }),
    );
    const bad = findings.find(({ outcome }) => outcome !== 'pass');
    return bad ?? pass(findings.map(({ found }) => found).join(', '));
  },
};

/** The key has a check of its own. */
function unheard(error: unknown): Finding {
  const finding = keyFinding(error);
  if (!finding) throw error;
  return finding.outcome === 'failure' ? skipped('needs a key that Cartesia accepts') : finding;
}

function voicesOf({ settings, env }: CheckContext): { id: string; where: string }[] {
  const { CARTESIA_VOICE_ID: id } = settings;
  const own = id ? [{ id, where: 'CARTESIA_VOICE_ID' }] : [];
  try {
    const { languages } = loadProfile({ env });
    const others = Object.entries(languages).flatMap(([language, { voice }]) =>
      voice ? [{ id: voice, where: `languages.${language}.voice` }] : [],
    );
    return [...own, ...others];
  } catch (error) {
    // Its own check tells what is wrong with it.
    if (error instanceof ProfileError) return own;
    throw error;
  }
}
