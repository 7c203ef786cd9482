/** Cartesia's REST API through its SDK, and what its refusals mean. */
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  Cartesia,
} from '@cartesia/cartesia-js';
import { type Finding, failure, warning } from './finding.ts';
import { required, type UsableSettings } from './usable-settings.ts';

/** It asks once, and for as long as the signal lets it. @throws {MissingSettingError} */
export function cartesiaApi(settings: UsableSettings): Cartesia {
  const { CARTESIA_API_KEY: apiKey } = required(settings, 'CARTESIA_API_KEY');
  const { CARTESIA_PLAINTEXT_ADDRESS: address } = settings;
  return new Cartesia({
    apiKey,
    maxRetries: 0,
    ...(address && { baseURL: `http://${address}` }),
  });
}

/**
 * What an error of the SDK means for the key that was shown.
 * @returns undefined for another status, or for an error that is none of the SDK's
 */
export function keyFinding(error: unknown): Finding | undefined {
  if (error instanceof APIUserAbortError) return undefined;
  if (error instanceof APIConnectionError || error instanceof APIConnectionTimeoutError) {
    return failure('Cartesia does not answer', 'check the way out to api.cartesia.ai');
  }
  if (!(error instanceof APIError)) return undefined;
  const { status } = error;
  if (status === 401 || status === 403) {
    return failure(
      `Cartesia does not accept the key (HTTP ${status})`,
      'make a key at play.cartesia.ai/keys, and set CARTESIA_API_KEY',
    );
  }
  if (status === 402) {
    return failure('the credits of the plan are used up', 'buy more, or a larger plan');
  }
  if (status === 404) return undefined;
  return warning(
    `Cartesia could not say (HTTP ${status})`,
    status === 429 ? 'try again in a minute' : 'see status.cartesia.ai',
  );
}
