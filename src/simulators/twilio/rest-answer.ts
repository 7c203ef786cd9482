/** What the REST requests are answered with, as Twilio words it. */
export interface RestAnswer {
  status: number;
  body: unknown;
}

/** @param code Twilio's, such as 20404 */
export function failure(status: number, code: number | undefined): RestAnswer {
  const more_info = `https://www.twilio.com/docs/errors/${code}`;
  return { status, body: { code, message: 'simulated', more_info, status } };
}
