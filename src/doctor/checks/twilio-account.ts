import type { Check } from '../check.ts';
import { failure, pass, warning } from '../finding.ts';
import { TwilioApiError, twilioApi } from '../twilio-api.ts';

export const twilioAccount: Check = {
  name: 'Twilio account',
  remedy: 'check the way out to api.twilio.com, and status.twilio.com',
  run: async ({ settings }, signal) => {
    const api = twilioApi(settings);
    try {
      const { status, type } = await api.account(signal);
      if (status !== 'active') {
        return failure(`the account is ${status}`, "reactivate it in Twilio's console");
      }
      if (type === 'Trial') {
        return warning(
          'a trial: callers hear an announcement, and only verified numbers are dialled',
          "upgrade the account in Twilio's console",
        );
      }
      return pass('active');
    } catch (error) {
      if (!(error instanceof TwilioApiError) || error.kind !== 'unauthorized') throw error;
      return failure(
        error.message,
        "copy TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN from Twilio's console",
      );
    }
  },
};
