/** The restaurant at work: its book, its messages, its people; and a desk for every call. */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { readDesk } from '../journal/continuation.ts';
import type { CallLife } from '../journal/fence.ts';
import { BookingWebhook } from '../restaurant/booking-webhook.ts';
import { Bookings } from '../restaurant/bookings.ts';
import { Desk } from '../restaurant/desk.ts';
import { MessageUncertainError } from '../restaurant/message-uncertain-error.ts';
import { staffIsReachable } from '../restaurant/opening-hours.ts';
import { defaultDestination, type Profile } from '../restaurant/profile.ts';
import type { Message } from '../restaurant/tool.ts';
import type { Records } from './records.ts';

export interface FrontDesk {
  /** @param call.epoch of the life that asks: 0, the first, by default */
  openDesk(call: { callSid: string; callerPhone: string | undefined; epoch?: number }): Desk;
  /** Who can be dialled now, by this name or by default. */
  staffNumber(name: string | undefined): { name: string; number: string } | undefined;
  close(): void;
}

export function newFrontDesk(
  config: Config,
  profile: Profile,
  records: Pick<Records, 'database' | 'journal'>,
  log: Logger,
): FrontDesk {
  const webhook = webhookOf(config);
  const { database } = records;
  return {
    openDesk: ({ callSid, callerPhone, epoch = 0 }) =>
      new Desk({
        profile,
        book: webhook ?? new Bookings({ database, profile, life: { callSid, epoch } }),
        callSid,
        ...(callerPhone && { callerPhone }),
        ...(epoch > 0 && { earlier: readDesk(database, callSid) }),
        onChange: (state) => void records.journal.write({ kind: 'desk', callSid, epoch, state }),
        takeMessage: (message, key) => keepMessage(records, { callSid, epoch }, message, key),
        onError: (error) => {
          const { name, cause } = error as Error;
          const { kind } = (cause ?? error) as { kind?: string };
          log.error({ callSid, error: name, kind }, 'tool failed');
        },
      }),
    staffNumber: (name) => {
      const destination = name ?? defaultDestination(profile);
      if (!destination || !Object.hasOwn(profile.staff, destination)) return undefined;
      const staff = profile.staff[destination];
      if (!staff || !staffIsReachable(profile, destination, Date.now())) return undefined;
      return { name: destination, number: staff.number };
    },
    close: () => webhook?.close(),
  };
}

function webhookOf(config: Config): BookingWebhook | undefined {
  const { BOOKING_WEBHOOK_URL: url, BOOKING_WEBHOOK_SECRET: secret } = config;
  return url && secret ? new BookingWebhook({ url, secret }) : undefined;
}

/** Long enough for the disk, where the journal puts at once what the database does not take. */
const KEPT_MS = 2000;

/**
 * The journal keeps it even while the database is down; the caller is told once it is kept.
 * @throws {MessageUncertainError} when that takes too long; an error when there is no room for it
 */
async function keepMessage(
  { journal }: Pick<Records, 'journal'>,
  { callSid, epoch }: CallLife,
  message: Message,
  key: string,
): Promise<void> {
  const hasRoom = journal.write({
    kind: 'message',
    epoch,
    row: {
      id: createHash('sha256').update(key).digest('hex').slice(0, 32),
      call_sid: callSid,
      created_at: Date.now(),
      kind: 'message',
      destination: message.destination ?? null,
      name: message.name ?? null,
      phone: message.phone ?? null,
      text: message.text,
      recording_url: null,
      recording_s: null,
    },
  });
  if (!hasRoom) throw new Error('expected room for a message, there is none');
  if (await journal.kept(KEPT_MS)) return;
  throw new MessageUncertainError(`expected a message to be kept within ${KEPT_MS} ms`);
}
