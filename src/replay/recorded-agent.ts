import type { Journal, JournalRow } from './journal.ts';

/** What the agent tells after a time: counted from when it was asked, then from the event before. */
export interface AnswerStep {
  type: string;
  destination?: string | undefined;
  afterMs: number;
}

/** How one answer went, without the time in which it was stopped. */
export interface AnswerScript {
  steps: readonly AnswerStep[];
  /** It was cut off: how it would have gone on is reckoned. */
  isCut: boolean;
}

/** Our side of a recorded call, for running it again in other circumstances. */
export interface RecordedAgent {
  answers: readonly AnswerScript[];
  /** How long each prepared sentence is heard, by name. */
  clipMs: ReadonlyMap<string, number>;
}

/** Where nothing is known: from asking to sound, and an answer's length. */
const SOUND_MS = 600;
const SPEECH_MS = 3000;
/** Between the agent's word and the sound that it begins. */
const BEGINS_MS = 50;

/** Follows the rows as the agent follows its commands. */
export function recordedAgent(journal: Journal): RecordedAgent {
  const rows = new AgentRows(journal);
  for (const row of journal.rows) rows.push(row);
  return { answers: rows.answers, clipMs: rows.clipMs };
}

/** For answers beyond those recorded: half of these came no later, half were no longer. */
export function usualAnswer(answers: readonly AnswerScript[]): AnswerScript {
  const plain = answers.filter(({ steps }) => steps[0]?.type === 'agent.audible');
  const soundMs = median(plain.map(({ steps }) => steps[0]?.afterMs ?? 0)) ?? SOUND_MS;
  const whole = plain.filter(({ isCut, steps }) => !isCut && steps[1]?.type === 'agent.finished');
  const speechMs = median(whole.map(({ steps }) => steps[1]?.afterMs ?? 0)) ?? SPEECH_MS;
  return { isCut: false, steps: spoken(soundMs, speechMs) };
}

export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function spoken(soundMs: number, speechMs: number): AnswerStep[] {
  return [
    { type: 'agent.audible', afterMs: soundMs },
    { type: 'agent.finished', afterMs: speechMs },
  ];
}

/** Nothing of the answer comes after one of these. */
const LAST_STEPS: ReadonlySet<string> = new Set([
  'agent.finished',
  'agent.failed',
  'agent.transferred',
  'agent.concluded',
]);

class AgentRows {
  readonly answers: AnswerScript[] = [];
  readonly clipMs = new Map<string, number>();
  readonly #journal: Journal;
  #askedMs: number | undefined;
  #answer: { steps: AnswerStep[]; lastMs: number } | undefined;
  #clip: { name: string; beganMs: number } | undefined;
  #hushedMs: number | undefined;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  push(row: JournalRow): void {
    if (row.kind === 'output' && row.output.type === 'agent.told') {
      const [command = '', clip = ''] = row.output.what.split(' ');
      this.#told(command, clip, row.ms);
    } else if (row.kind === 'event' && row.event.type.startsWith('agent.')) {
      const { type, destination } = row.event;
      this.#tells({ type, destination }, row.ms);
    }
  }

  #told(command: string, clip: string, ms: number): void {
    if (command === 'prepare') this.#askedMs = ms;
    else if (command === 'reply') this.#release(ms);
    else if (command === 'hush') this.#hushedMs = ms;
    else if (command === 'resume') this.#resume(ms);
    else if (command === 'fill') this.#measure(clip, ms);
    else this.#cut(ms);
    if (command !== 'play') return;
    this.#clip = { name: clip, beganMs: ms };
    this.#measure(clip, ms);
  }

  #release(ms: number): void {
    // A second word to go on is none to begin.
    this.#answer ??= { steps: [], lastMs: this.#askedMs ?? ms };
    this.#askedMs = undefined;
  }

  #resume(ms: number): void {
    const hushedForMs = this.#hushedMs === undefined ? 0 : ms - this.#hushedMs;
    this.#hushedMs = undefined;
    if (this.#answer) this.#answer.lastMs += hushedForMs;
    if (this.#clip) this.#clip.beganMs += hushedForMs;
  }

  #tells(event: { type: string; destination?: string | undefined }, ms: number): void {
    if (this.#clip) {
      if (event.type === 'agent.finished')
        this.clipMs.set(this.#clip.name, ms - this.#clip.beganMs);
      this.#clip = undefined;
      return;
    }
    const answer = this.#answer;
    if (!answer) return;
    const isFirst = answer.steps.length === 0;
    const cameMs =
      isFirst && event.type === 'agent.audible' ? this.#soundMs(answer.lastMs, ms) : ms;
    answer.steps.push({ ...event, afterMs: Math.max(0, cameMs - answer.lastMs) });
    answer.lastMs = ms;
    if (LAST_STEPS.has(event.type)) this.#close(false);
  }

  /** An answer that was prepared in time waited for its word: its sound had been there before. */
  #soundMs(askedMs: number, audibleMs: number): number {
    const { rows, startedAt } = this.#journal;
    const sounds = rows.flatMap((row) => {
      if (row.kind !== 'reply' || row.note.ofResult || row.note.firstSoundAt === null) return [];
      const soundMs = row.note.firstSoundAt - startedAt;
      const isOfThis = row.note.askedAt - startedAt >= askedMs - BEGINS_MS;
      return isOfThis && soundMs <= audibleMs + BEGINS_MS ? [soundMs] : [];
    });
    return Math.min(audibleMs, sounds.at(-1) ?? audibleMs);
  }

  /** What had been said stays; how it would have gone on is reckoned from the sound that was there. */
  #cut(ms: number): void {
    const answer = this.#answer;
    if (answer && answer.steps.length > 0) {
      const untilMs = this.#hushedMs ?? ms;
      const last = answer.steps.at(-1)?.type;
      if (last === 'agent.consulting') {
        answer.steps.push({ type: 'agent.consulted', afterMs: untilMs - answer.lastMs });
      }
      if (last === 'agent.audible') {
        const afterMs = untilMs - answer.lastMs + this.#unheardMs(untilMs);
        answer.steps.push({ type: 'agent.finished', afterMs });
      } else answer.steps.push(...spoken(SOUND_MS, SPEECH_MS));
    }
    this.#close(true);
  }

  #close(isCut: boolean): void {
    const steps = this.#answer?.steps ?? [];
    if (steps.length > 0) this.answers.push({ steps, isCut });
    this.#answer = undefined;
    this.#clip = undefined;
    this.#askedMs = undefined;
    this.#hushedMs = undefined;
  }

  /** Of the sound that was stopped then. */
  #unheardMs(stoppedMs: number): number {
    const playout = this.#playout(({ beganMs, endedMs }) => {
      return beganMs <= stoppedMs && Math.abs(endedMs - stoppedMs) <= BEGINS_MS;
    });
    return playout ? Math.max(0, playout.writtenMs - playout.heardMs) : SPEECH_MS;
  }

  /** By its sound, until it is known how long it took. */
  #measure(clip: string, ms: number): void {
    const playout = this.#playout(({ beganMs }) => Math.abs(beganMs - ms) <= BEGINS_MS);
    if (playout && !this.clipMs.has(clip)) this.clipMs.set(clip, playout.writtenMs);
  }

  #playout(matches: (span: { beganMs: number; endedMs: number }) => boolean) {
    const { rows, startedAt } = this.#journal;
    for (const row of rows) {
      if (row.kind !== 'playout') continue;
      const { beganAt, endedAt } = row.note;
      if (matches({ beganMs: beganAt - startedAt, endedMs: endedAt - startedAt })) return row.note;
    }
    return undefined;
  }
}
