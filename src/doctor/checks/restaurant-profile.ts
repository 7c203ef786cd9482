import { ProfileError } from '../../restaurant/profile-error.ts';
import { loadProfile } from '../../restaurant/profile-file.ts';
import type { Check } from '../check.ts';
import { failure, findingOf, type Problem, warning } from '../finding.ts';

export const restaurantProfile: Check = {
  name: 'Restaurant',
  remedy: 'see docs/restaurant.md',
  run: async ({ env }) => {
    try {
      const profile = loadProfile({ env });
      const problems: Problem[] = [];
      if (!env.RESTAURANT_PROFILE?.trim()) {
        const next =
          'describe yours in a file (docs/restaurant.md), and name it in RESTAURANT_PROFILE';
        problems.push(warning('the sample answers the telephone', next));
      }
      if (Object.keys(profile.staff).length === 0) {
        const next = 'add a person under staff (docs/restaurant.md)';
        problems.push(warning('nobody takes over when the agent cannot help', next));
      }
      return findingOf(problems, `${Object.keys(profile.languages).join(', ')} are spoken`);
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error;
      // The first line says how many there are, where there are several.
      return failure(error.message.replaceAll(/\n\s*/g, '; '), "correct the restaurant's file");
    }
  },
};
