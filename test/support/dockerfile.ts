/** A Dockerfile as its instructions, and a .dockerignore as what it leaves of a folder. */
import { matchesGlob } from 'node:path';

export interface Instruction {
  /** Such as `COPY`. */
  name: string;
  /** All behind it; continued lines are joined by a space. */
  text: string;
}

export interface Stage {
  name: string;
  /** The image that it starts from. */
  image: string;
  instructions: Instruction[];
}

export function parseDockerfile(source: string): Stage[] {
  const lines = source
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, name = '', text = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === 'FROM') {
      const [, image, as] = /^(\S+) AS (\S+)$/.exec(text) ?? [];
      if (!image || !as) throw new Error(`expected FROM <image> AS <name>, got ${text}`);
      stages.push({ name: as, image, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (!stage) throw new Error(`expected FROM first, got ${name}`);
      stage.instructions.push({ name, text });
    }
  }
  return stages;
}

/** The last instruction of that name, as all but COPY and RUN count. */
export function lastOf(stage: Stage, name: string): string | undefined {
  return stage.instructions.findLast((each) => each.name === name)?.text;
}

/** Of HEALTHCHECK, CMD and ENTRYPOINT in their exec form. */
export function execForm(text: string | undefined): string[] {
  const words = JSON.parse(/\[.*\]$/.exec(text ?? '')?.[0] ?? 'null') as unknown;
  if (!Array.isArray(words)) throw new Error(`expected a JSON array of words, got ${text}`);
  return words.map(String);
}

/** @returns whether a path, relative and with `/`, is sent to the builder */
export function dockerignore(source: string): (path: string) => boolean {
  const rules = source
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), pattern: line.replace(/^!/, '') }));
  return (path) => {
    const parts = path.split('/');
    // What holds for a folder holds for all in it; the last rule that says something counts.
    const withParents = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    let isKept = true;
    for (const { keeps, pattern } of rules) {
      if (withParents.some((each) => matchesGlob(each, pattern))) isKept = keeps;
    }
    return isKept;
  };
}
