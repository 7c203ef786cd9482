/** Bugs in what is written down, and where. */
import type { Mutant } from './mutants.ts';

export const journalMutants: readonly Mutant[] = [
  {
    name: 'what the database did not take is lost',
    file: 'src/journal/journal.ts',
    from: `    this.#databaseFailed(result.problem);
    return undefined;`,
    to: `    this.#databaseFailed(result.problem);
    return result;`,
    catcher: 'simulation',
    seed: 267,
  },
  {
    name: 'an entry that came meanwhile is lost',
    file: 'src/journal/entry-queue.ts',
    from: 'const kept = this.#entries.findIndex(({ n }) => n > upTo);',
    to: 'const kept = this.#entries.findIndex(({ n }) => n > upTo + 1);',
    catcher: 'simulation',
  },
  {
    name: 'two events have one number',
    file: 'src/call/call-notes.ts',
    from: 'const seq = this.#seq++;',
    to: 'const seq = this.#seq;',
    catcher: 'simulation',
  },
  {
    name: "what Twilio says of a call's end replaces what the call says",
    file: 'src/journal/write-entries.ts',
    from: 'excluded.outcome_is_own = 1 and excluded.outcome',
    to: '1 = 1 or excluded.outcome',
    catcher: 'simulation',
  },
  {
    name: "the caller's number stands in the log",
    file: 'src/call/call-watch.ts',
    from: 'this.log = log.child({ callSid });',
    to: "this.log = log.child({ callSid, caller: customParameters.get('caller') });",
    catcher: 'simulation',
  },
  {
    name: 'words stand in the log',
    file: 'src/call/call-watch.ts',
    from: 'const row = this.notes?.turn(turn, index, language);',
    to: "const row = this.notes?.turn(turn, index, language);\n    this.log.info({ text: row?.text }, 'turn noted');",
    catcher: 'simulation',
  },
];
