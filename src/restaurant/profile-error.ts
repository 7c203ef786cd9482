export interface ProfileProblem {
  /** In the file, from 1. */
  line?: number;
  column?: number;
  /** The environment variable that is wrong, where it is not the file. */
  variable?: string;
  /** Such as `reservations.stayMinutes`; empty for the file as a whole. */
  field: string;
  /** What was expected and what came. */
  message: string;
}

/**
 * The restaurant cannot be read as it is described.
 * - `missing`: no such file. `unreadable`: it cannot be read, or is no text. `tooLarge`.
 * - `syntax`: it is not YAML or JSON. `invalid`: it says something that a restaurant cannot be.
 */
export class ProfileError extends Error {
  override name = 'ProfileError';
  readonly kind: ProfileErrorKind;
  readonly problems: readonly ProfileProblem[];

  /** @param file As the reader of the message knows it. */
  constructor(kind: ProfileErrorKind, file: string, problems: readonly ProfileProblem[]) {
    const lines = problems.slice(0, MOST_LINES).map((problem) => describe(file, problem));
    const more = problems.length - lines.length;
    if (more > 0) lines.push(`and ${more} more`);
    super(
      problems.length === 1
        ? lines.join('')
        : `${problems.length} mistakes in the description of the restaurant:\n  ${lines.join('\n  ')}`,
    );
    this.kind = kind;
    this.problems = problems;
  }
}

export type ProfileErrorKind = 'missing' | 'unreadable' | 'tooLarge' | 'syntax' | 'invalid';

const MOST_LINES = 50;

function describe(file: string, { line, variable, field, message }: ProfileProblem): string {
  const place = variable ?? (line === undefined ? file : `${file}:${line}`);
  return [place, field, message].filter((part) => part !== '').join(': ');
}
