import { STREAM_TOKEN_LIFE_MS } from '../../twilio/stream-token.ts';
import type { Check } from '../check.ts';
import { failure, pass, warning } from '../finding.ts';
import { twilioApi } from '../twilio-api.ts';

const SLIGHT_MS = 5000;
const NEXT = 'set the clock of this machine by NTP';

/** Tokens of a replica whose clock is wrong are refused by others: their calls have no stream. */
export const clock: Check = {
  name: 'Clock',
  remedy: 'check the way out to api.twilio.com',
  run: async ({ settings }, signal) => {
    const api = twilioApi(settings);
    const askedMs = Date.now();
    const theirsMs = await api.clock(signal);
    if (theirsMs === undefined) return warning('Twilio did not say what time it is', NEXT);
    // The header is cut to the second, and was written at some moment between the two.
    const skewMs = (askedMs + Date.now()) / 2 - (theirsMs + 500);
    const skew = `${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs < 0 ? 'behind' : 'ahead of'} Twilio's`;
    if (Math.abs(skewMs) >= STREAM_TOKEN_LIFE_MS) {
      return failure(`${skew}: longer than a stream's token lives`, NEXT);
    }
    return Math.abs(skewMs) < SLIGHT_MS
      ? pass(`within ${SLIGHT_MS / 1000} s of Twilio's`)
      : warning(skew, NEXT);
  },
};
