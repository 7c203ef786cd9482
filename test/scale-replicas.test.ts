import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postgresBinaries } from '../src/stress-bookings/embedded-postgres.ts';
import { type CallPath, placeCalls } from './support/replica-calls.ts';
import { startFleet } from './support/replica-fleet.ts';
import { parametersIn, TwilioHand } from './support/twilio-hand.ts';

const CALLS = 100;
const REPLICAS = 3;
const binaries = postgresBinaries();
const skip = binaries ? false : 'there are no binaries of PostgreSQL for this platform';

test('three processes and one database complete 100 calls, whichever process a part of them reaches', {
  skip,
}, async () => {
  const env = { RESTAURANT_GREETING: 'Hello.' };
  const fleet = await startFleet({ replicas: REPLICAS, binaries: binaries!, seed: 7, env });
  let exitCodes: (number | null)[] = [];
  try {
    const { reports, paths } = await placeCalls(fleet, CALLS);
    for (const { scriptError, violations, verbs, outcome } of reports) {
      assert.equal(scriptError, undefined);
      assert.deepEqual(violations, []);
      assert.equal(outcome, 'completed');
      // Words before Dial would mean that what the call decided was not known.
      assert.deepEqual(verbs, ['Connect', 'Redirect', 'Dial', 'Hangup']);
    }
    assertSpread(paths);
    const sids = reports.map(({ callSid }) => callSid).sort();
    const records = await fleet.query(
      'select call_sid, outcome, outcome_is_own, handoff_status from calls order by call_sid',
    );
    assert.deepEqual(
      records,
      sids.map((call_sid) => ({
        call_sid,
        outcome: 'handedOff',
        outcome_is_own: 1,
        handoff_status: 'completed',
      })),
    );
    await assertTokensAreGoodOnce(
      fleet.ports.map((port) => `http://127.0.0.1:${port}`),
      fleet.simulators.env,
    );
  } finally {
    exitCodes = await fleet.close();
  }
  assert.deepEqual(exitCodes, Array(REPLICAS).fill(0));
});

/** Of a draw among three, two in three calls change process between webhook and socket. */
function assertSpread(paths: readonly CallPath[]): void {
  for (const { callSid, webhook, socket, continued } of paths) {
    for (const part of [webhook, socket, continued]) assert.notEqual(part, undefined, callSid);
  }
  const moved = paths.filter(({ webhook, socket }) => webhook !== socket).length;
  const everyPartElsewhere = paths.filter((path) => {
    return new Set([path.webhook, path.socket, path.continued]).size === REPLICAS;
  }).length;
  assert.ok(moved > CALLS / 3, `only ${moved} calls had webhook and socket on two processes`);
  assert.ok(everyPartElsewhere > CALLS / 20, `only ${everyPartElsewhere} calls used all three`);
}

/** What one process has promised a second takes, and a third does not any more. */
async function assertTokensAreGoodOnce(
  [first = '', second = '', third = '']: readonly string[],
  env: Record<string, string>,
): Promise<void> {
  const hand = (url: string) => new TwilioHand(url, env.TWILIO_AUTH_TOKEN!);
  const callSid = `CA${'9'.repeat(32)}`;
  const accountSid = env.TWILIO_ACCOUNT_SID!;
  const { text } = await hand(first).post('/', { CallSid: callSid, From: '+15550123' });
  const parameters = parametersIn(text);
  const stream = await hand(second).openStream(parameters, { callSid, accountSid });
  await stream.speaks();
  const copied = await hand(third).openStream(parameters, { callSid, accountSid });
  assert.equal(await copied.closed(), 1000);
  await stream.hangUp();
}
