/** The form of a real call's webhook, with its fields in Twilio's order; some are empty. */
export function callForm(call: {
  callSid: string;
  accountSid: string;
  /** Such as `ringing` or `in-progress`. */
  status: string;
  /** Default: inbound. */
  direction?: 'inbound' | 'outbound-api' | 'outbound-dial';
  from: string;
  to: string;
}): Record<string, string> {
  return {
    Called: call.to,
    ToState: 'CA',
    CallerCountry: 'US',
    Direction: call.direction ?? 'inbound',
    CallerState: 'CA',
    ToZip: '',
    CallSid: call.callSid,
    To: call.to,
    CallerZip: '',
    ToCountry: 'US',
    StirVerstat: 'TN-Validation-Passed-A',
    ApiVersion: '2010-04-01',
    CalledZip: '',
    CalledCity: '',
    CallStatus: call.status,
    From: call.from,
    AccountSid: call.accountSid,
    CalledCountry: 'US',
    CallerCity: '',
    ToCity: '',
    FromCountry: 'US',
    Caller: call.from,
    FromCity: '',
    CalledState: 'CA',
    FromZip: '',
    FromState: 'CA',
  };
}
