import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import PQueue from 'p-queue';
import { ProfileError } from '../../restaurant/profile-error.ts';
import { loadProfile } from '../../restaurant/profile-file.ts';
import type { Check, CheckContext } from '../check.ts';
import { failure, findingOf, type Problem, skipped, warning } from '../finding.ts';
import { type TwilioPermission, twilioApi } from '../twilio-api.ts';

const PAGE = "Twilio's console, Voice, Settings, Geo permissions";
/** Requests at a time: Twilio refuses more than a few. */
const AT_ONCE = 5;

/** Calls go out to whom we may call, and to the staff that calls are handed over to. */
export const twilioPermissions: Check = {
  name: 'Dialing permissions',
  remedy: 'see to the account first',
  run: async (context, signal) => {
    const api = twilioApi(context.settings);
    const countries = countriesDialled(context);
    if (countries.length === 0)
      return skipped('nobody is dialled: no staff, no OUTBOUND_COUNTRIES');
    const queue = new PQueue({ concurrency: AT_ONCE });
    const problems = await queue.addAll(
      countries.map(
        (country) => async () => problemsOf(country, await api.permission(country, signal)),
      ),
    );
    return findingOf(problems.flat(), `may dial ${countries.join(', ')}`);
  },
};

function countriesDialled({ settings, env }: CheckContext): string[] {
  const countries = [...(settings.OUTBOUND_COUNTRIES ?? []), ...staffCountries(env)];
  return [...new Set(countries)].sort();
}

function staffCountries(env: CheckContext['env']): string[] {
  try {
    return Object.values(loadProfile({ env }).staff).flatMap(({ number }) => {
      const country = parsePhoneNumberFromString(number)?.country;
      return country ? [country] : [];
    });
  } catch (error) {
    // Its own check tells what is wrong with it.
    if (error instanceof ProfileError) return [];
    throw error;
  }
}

function problemsOf(country: string, permission: TwilioPermission): Problem[] {
  if (!permission.low_risk_numbers_enabled) {
    return [failure(`Twilio does not dial ${country}`, `allow ${country} in ${PAGE}`)];
  }
  const isDear =
    permission.high_risk_special_numbers_enabled || permission.high_risk_tollfraud_numbers_enabled;
  if (!isDear) return [];
  const found = `Twilio dials high-risk numbers of ${country}, too: fraud is paid by you`;
  return [warning(found, `forbid the high-risk numbers of ${country} in ${PAGE}`)];
}
