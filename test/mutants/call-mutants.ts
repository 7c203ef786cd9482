/** Bugs in one call: its answers, its history, its bookings, what it holds; and in all live calls. */
import type { Mutant } from './mutants.ts';

const ANSWER = 'src/call/answer.ts';
const BOOKINGS = 'src/restaurant/bookings.ts';
const CALL = 'src/call.ts';
const CALLS = 'src/calls.ts';

export const callMutants: readonly Mutant[] = [
  {
    name: 'an answer is asked for again after its first sound',
    file: ANSWER,
    from: 'if (speech.hasAudio || this.#handlers.isSpeaking() || !this.#released) return;',
    to: 'if (!this.#released) return;',
    catcher: 'simulation',
    seed: 306,
  },
  {
    name: 'what was prepared is heard before the turn is over',
    file: ANSWER,
    from: 'if (!this.#released || !this.#waiting[0]?.hasAudio) return undefined;',
    to: 'if (!this.#waiting[0]?.hasAudio) return undefined;',
    catcher: 'simulation',
  },
  {
    name: 'a tool begins before the turn is over',
    file: ANSWER,
    from: 'if (this.#released) this.#beginTool(call);',
    to: 'this.#beginTool(call);',
    catcher: 'simulation',
    seed: 342,
  },
  {
    name: 'the whole answer counts as heard',
    file: 'src/call/speech.ts',
    from: `    if (this.#heardAll) return this.#text.trim();
    if`,
    to: `    return this.#text.trim();
    if`,
    catcher: 'simulation',
    seed: 183,
  },
  {
    name: 'what was heard before an interruption is forgotten',
    file: 'src/call/agent.ts',
    from: 'if (this.#speech) this.#rememberSaid(this.#speech);',
    to: 'this.#speech = undefined;',
    catcher: 'simulation',
    seed: 346,
  },
  {
    name: 'a booking is told as confirmed before its commit',
    file: 'src/restaurant/tools/confirm-booking.ts',
    from: 'const outcome = await call.book.confirm(call.key, booking.reservation.id);',
    to: `void call.book.confirm(call.key, booking.reservation.id).catch(() => {});
    const outcome = { done: true, reservation: { ...booking.reservation, status: 'confirmed' } };`,
    catcher: 'simulation',
    seed: 29,
  },
  {
    name: 'a booking that is confirmed lapses as a hold does',
    file: BOOKINGS,
    from: "return update(transaction, row, { status: 'confirmed', expires_at: null, updated_at: now });",
    to: "return booked({ ...row, status: 'confirmed' });",
    catcher: 'simulation',
    seed: 29,
  },
  {
    name: 'what was done is done once more after a commit of unknown end',
    file: BOOKINGS,
    from: `ASK_AGAIN_MS));
    try {
      return await this.#attempt(key, step);`,
    to: `ASK_AGAIN_MS));
    try {
      return await this.#attempt(\`\${key}+\`, step);`,
    catcher: 'simulation',
    seed: 262,
  },
  {
    name: 'a table that gave way to another is not given back',
    file: 'src/restaurant/tools/hold-table.ts',
    from: 'for (const hold of released) call.release(hold.reservation.id);',
    to: 'void released;',
    catcher: 'simulation',
    seed: 300,
  },
  {
    name: 'voice activity is not closed',
    file: CALL,
    from: 'this.#ears?.close();',
    to: '',
    catcher: 'simulation',
  },
  {
    name: 'the stream is not closed',
    file: 'src/call/settle-call.ts',
    from: `.catch(() => undefined);
  stream?.close();`,
    to: '.catch(() => undefined);',
    catcher: 'simulation',
    seed: 273,
  },
  {
    name: 'a call that is over counts as live',
    file: CALLS,
    from: 'this.#live.delete(call);',
    to: '',
    catcher: 'simulation',
  },
  {
    name: 'a server that goes does not say goodbye',
    file: CALLS,
    from: 'for (const call of this.#live) call.shutdown();',
    to: '',
    catcher: 'simulation',
    seed: 184,
  },
];
