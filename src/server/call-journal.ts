/** What Twilio says of a call, as entries of the journal. None of them can fail a call. */
import { callerNumber } from '../journal/caller-key.ts';
import type { JournalEntry } from '../journal/journal-entry.ts';
import type { CallRow } from '../journal/schema.ts';
import type { ServerOptions } from './server-options.ts';
import type { Form } from './signed-form.ts';

type JournalOptions = { journal: Pick<ServerOptions['journal'], 'write'> } & Pick<
  ServerOptions,
  'log'
>;

/** @returns False: it is lost. */
export function writeEntry(entry: JournalEntry, { journal, log }: JournalOptions): boolean {
  try {
    return journal.write(entry);
  } catch (error) {
    log.error({ err: error, kind: entry.kind }, 'journal entry lost');
    return false;
  }
}

/** @returns False: it is lost. */
export function writeCall(
  callSid: string,
  fields: Partial<Omit<CallRow, 'call_sid'>>,
  options: JournalOptions,
): boolean {
  return writeEntry({ kind: 'call', callSid, fields }, options);
}

export function directionOf(form: Form): CallRow['direction'] {
  return form.Direction?.startsWith('outbound') ? 'outbound' : 'inbound';
}

/** The number of the person outside, E.164; undefined when it is withheld or there is none. */
export function outsideNumber(form: Form): string | undefined {
  return callerNumber((directionOf(form) === 'outbound' ? form.To : form.From) ?? '');
}

/**
 * Who is on the line. When the call began is not among it: the journal keeps the moment of a call's
 * first entry, and a webhook that Twilio repeats must not move it.
 */
export function partyFields(
  form: Form,
  { callerKey }: Pick<ServerOptions, 'callerKey'>,
): Pick<CallRow, 'direction'> & Partial<Pick<CallRow, 'caller_key' | 'caller_last4'>> {
  const number = outsideNumber(form);
  const { key, last4 } = number ? callerKey(number) : {};
  return {
    direction: directionOf(form),
    ...(key && { caller_key: key }),
    ...(last4 && { caller_last4: last4 }),
  };
}
