/**
 * Puts the simulated world in the place of what the program reaches it through, when its files are
 * loaded: threads, sockets, the disk. And, where asked for, one planted bug into the program's source.
 * To be called before any of the program is imported, as files that are loaded stay as they are.
 */
import { registerHooks } from 'node:module';

const at = (path: string) => new URL(path, import.meta.url).href;

/** A file of the program, and what takes its place. */
const STAND_INS = new Map([
  [at('../../src/server.ts'), at('stand-ins/server.ts')],
  [at('../../src/journal/sqlite-thread.ts'), at('stand-ins/sqlite-thread.ts')],
  [at('../../src/turns/voice-activity.ts'), at('stand-ins/voice-activity.ts')],
  [at('../../src/tts/embedded-voice.ts'), at('stand-ins/embedded-voice.ts')],
]);
const JOURNAL = at('../../src/journal/');
const SDK = '/@cartesia/cartesia-js/';

/** One line of the program, made wrong. */
export interface Mutant {
  /** The bug, in a few words. */
  name: string;
  /** From the root of the project. */
  file: string;
  /** Found exactly once. */
  from: string;
  to: string;
}

export function simulateModules(mutant?: Mutant): void {
  if (mutant) plant(mutant);
  registerHooks({
    resolve: (specifier, context, next) => {
      const parent = context.parentURL ?? '';
      if (specifier === 'ws' && parent.includes(SDK))
        return { url: at('stand-ins/ws.ts'), shortCircuit: true };
      if (specifier === 'node:fs/promises' && parent.startsWith(JOURNAL)) {
        return { url: at('stand-ins/files.ts'), shortCircuit: true };
      }
      const found = next(specifier, context);
      const instead = STAND_INS.get(found.url);
      return instead ? { url: instead, shortCircuit: true } : found;
    },
  });
}

/** The bug alone, in a world that is none of ours. */
export function plant(mutant: Mutant): void {
  const mutated = at(`../../${mutant.file}`);
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (url !== mutated) return loaded;
      return { ...loaded, source: planted(String(loaded.source), mutant) };
    },
  });
}

function planted(source: string, { name, file, from, to }: Mutant): string {
  const found = source.split(from).length - 1;
  if (found !== 1)
    throw new Error(`expected the place of "${name}" once in ${file}, found ${found}`);
  return source.replace(from, () => to);
}
