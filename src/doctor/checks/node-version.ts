import type { Check } from '../check.ts';
import { failure, pass, warning } from '../finding.ts';

/** The line that is tested, and the oldest release that runs TypeScript without a flag. */
const TESTED_MAJOR = 24;
const OLDEST = { major: 22, minor: 18 };

export const nodeVersion: Check = {
  name: 'Node',
  remedy: `install Node ${TESTED_MAJOR}`,
  run: async ({ nodeVersion: version }) => {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major === TESTED_MAJOR) return pass(version);
    const next = 'npm install, and start with npm: it brings its own Node';
    if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
      return failure(`expected Node ${TESTED_MAJOR}, got ${version}`, next);
    }
    return warning(`tests run on Node ${TESTED_MAJOR}, this is ${version}`, next);
  },
};
