import { constants, copyFileSync, linkSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface CopyTreeOptions {
  /** Whether a file, by its path below the folder, is copied; all are by default. */
  accepts?: (path: string) => boolean;
  /** Shares the files instead: for trees that are thrown away together. */
  link?: boolean;
}

/** A file, or all files in a folder. Empty folders and links are left out. */
export function copyTree(from: string, to: string, options: CopyTreeOptions = {}): void {
  if (statSync(from).isFile()) {
    copyFile(from, to, options);
    return;
  }
  for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name).slice(from.length + 1);
    if (options.accepts && !options.accepts(path.replaceAll('\\', '/'))) continue;
    copyFile(join(from, path), join(to, path), options);
  }
}

function copyFile(from: string, to: string, { link }: CopyTreeOptions): void {
  mkdirSync(dirname(to), { recursive: true });
  if (link) linkSync(from, to);
  else copyFileSync(from, to, constants.COPYFILE_FICLONE);
}
