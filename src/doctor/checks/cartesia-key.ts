import { cartesiaApi, keyFinding } from '../cartesia-api.ts';
import type { Check } from '../check.ts';
import { pass } from '../finding.ts';

export const cartesiaKey: Check = {
  name: 'Cartesia key',
  remedy: 'check the way out to api.cartesia.ai, and status.cartesia.ai',
  run: async ({ settings }, signal) => {
    const api = cartesiaApi(settings);
    try {
      await api.voices.list({ limit: 1 }, { signal });
      return pass('accepted');
    } catch (error) {
      const finding = keyFinding(error);
      if (!finding) throw error;
      return finding;
    }
  },
};
