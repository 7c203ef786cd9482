/** A call in which much is said and written that is nobody's to read; it may be in the records only. */
import type { Logger } from 'pino';
import type { Stage } from '../../src/stage.ts';
import { CONFIRM, DIALOGUE_LINES, type DialogueLine, WISH } from './booking-dialogue.ts';
import { CallStage, type TestCaller } from './call-stage.ts';
import { EngineScript, use } from './engine-script.ts';
import { written } from './recorded-call.ts';
import { PUBLIC_URL } from './twilio-hand.ts';

/** What a guest says, what the model makes of it, and what is nobody's to read. */
export const CANARIES = {
  guest: 'Zuleika',
  note: 'allergic to quinoa',
  message: 'the parrot has escaped',
  reason: 'a quarrelsome walrus',
  guestPhone: '+49307654321',
  messagePhone: '+493011223344',
  answer: 'The heron nods.',
  digits: '662288',
  staff: '+15558765432',
  caller: '+15557654321',
  apiToken: 'secret-api-token-58ad',
  callerKey: 'secret-caller-key-0f3e',
  webhook: 'secret-webhook-key-c41b',
  authToken: 'secret-auth-token-4f1c',
} as const;
export const CANARY_WORDS = [
  ...Object.values(CANARIES),
  ...Object.values(DIALOGUE_LINES),
  ...['quinoa', 'parrot', 'walrus', 'heron', '7654321', '11223344', '8765432'],
];

/** It resolves to an address that is not public, and so is not asked. */
export const UNREACHABLE_BOOK = {
  BOOKING_WEBHOOK_URL: 'https://localhost/bookings',
  BOOKING_WEBHOOK_SECRET: CANARIES.webhook,
};

export interface CanaryCallOptions {
  log: Logger;
  env: Record<string, string>;
}

/**
 * A guest books, leaves a message and is given to a person who does not answer.
 * @param look at what it left behind, once all is written down
 */
export async function placeCanaryCall(
  { log, env }: CanaryCallOptions,
  look: (stage: Stage) => Promise<void>,
): Promise<void> {
  const { answer, authToken, staff, apiToken, caller: from } = CANARIES;
  const stage = await CallStage.set({
    lines: DIALOGUE_LINES,
    log,
    env: {
      TWILIO_AUTH_TOKEN: authToken,
      API_TOKEN: apiToken,
      CALLER_KEY_SECRET: CANARIES.callerKey,
      RESTAURANT_GREETING: 'Hello.',
      RESTAURANT_STAFF_PHONE: staff,
      ...env,
    },
    twilio: { authToken },
    ultravox: { reply: canaryScript(answer).reply },
  });
  try {
    const statusCallbackUrl = `${PUBLIC_URL}/status`;
    await stage.call(talk, { from, dial: 'no-answer', statusCallbackUrl });
    for (const token of [apiToken, `${apiToken} `, `not ${apiToken}`]) {
      const headers = { authorization: `Bearer ${token}` };
      await fetch(`${stage.stage.orchestrator.url}/calls?cursor=${CANARIES.guest}`, { headers });
    }
    await written(stage.stage.orchestrator);
    await look(stage.stage);
  } finally {
    await stage.close();
  }
}

function canaryScript(answer: string): EngineScript<DialogueLine> {
  const { guest, note, guestPhone, message, messagePhone, reason } = CANARIES;
  const hold = use('hold_table', { ...WISH, name: guest, note, phone: guestPhone });
  const take = use('take_message', { text: message, name: guest, phone: messagePhone });
  return new EngineScript<DialogueLine>({
    name: [hold, answer],
    yes: [CONFIRM, answer],
    message: [take, answer],
    manager: [use('transfer_to_staff', { reason })],
  });
}

async function talk(caller: TestCaller<DialogueLine>): Promise<void> {
  await caller.agentAnswers();
  await caller.ask('name');
  await caller.ask('yes');
  await caller.ask('message');
  for (const digit of `${CANARIES.digits}#`) await caller.press(digit);
  await caller.agentAnswers();
  await caller.speak('manager');
  await caller.hungUp();
}
