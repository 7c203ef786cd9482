/** Whom the simulated callers call, and how the program is set up for it. */
import { profileWith } from '../support/restaurant-profile.ts';
import type { Swarm } from './swarm.ts';

export function environment(options: Swarm): Record<string, string> {
  return {
    PUBLIC_URL: 'https://agent.example',
    TWILIO_ACCOUNT_SID: `AC${'7'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'secret-of-the-account',
    CARTESIA_API_KEY: 'secret-key',
    CARTESIA_MAX_CONTEXTS: String(options.maxContexts),
    CARTESIA_PLAINTEXT_ADDRESS: 'voice.example:80',
    ULTRAVOX_URL: 'http://engine.example/v1',
    ENGINE_CONCURRENCY: String(options.concurrency),
    ENGINE_SLOT: options.wholeReply ? 'wholeReply' : 'firstToken',
    ENGINE_MAX_STREAMS: String(options.maxStreams),
    ENGINE_MAX_QUEUE: String(options.maxQueue),
    MAX_CALLS: String(options.maxCalls),
    ...(options.admitsAll && { ENGINE_MAX_WAIT_SECONDS: '600', ENGINE_MAX_UTILISATION: '1000' }),
    DATA_DIRECTORY: '/data',
    VISUALISER: 'off',
  };
}

const profiles = new Map<string, ReturnType<typeof profileWith>>();

/** The same object for the same restaurant: what is worked out for one is kept. */
export function profileOf({ languages, hasStaff }: Swarm) {
  const key = `${languages} ${hasStaff}`;
  const known = profiles.get(key);
  if (known) return known;
  const profile = profileWith({
    // Short: it is heard in every call.
    languages: { en: { greeting: 'Aurora, good evening.' }, ...(languages > 1 && { de: {} }) },
    staff: hasStaff
      ? { manager: { number: '+493012345670', purpose: 'complaints', hours: 'always' } }
      : {},
  });
  profiles.set(key, profile);
  return profile;
}
