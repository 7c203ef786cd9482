/** A length of time as Twilio writes it: whole seconds, in digits. Undefined for anything else. */
export function secondsOf(text: string | undefined): number | undefined {
  return /^\d{1,9}$/.test(text ?? '') ? Number(text) : undefined;
}
