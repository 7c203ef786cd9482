/** What `npm ci --omit=dev --omit=optional` would install, from the packages that are here already. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree } from './copy-tree.ts';

interface LockedPackage {
  /** Where it is installed under another one. */
  name?: string;
  version: string;
  dev?: boolean;
  optional?: boolean;
}

export interface ProductionPackage {
  /** Where it lies, such as `node_modules/pino`. */
  path: string;
  name: string;
  version: string;
}

export function productionPackages(directory: string): ProductionPackage[] {
  const lock = JSON.parse(readFileSync(join(directory, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const entries = Object.entries(lock.packages);
  return entries.flatMap(([path, { name, version, dev, optional }]) => {
    if (path === '' || dev || optional) return [];
    const own = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return [{ path, name: name ?? own, version }];
  });
}

/** @throws {Error} where a package is not here in the version of the lock file */
export function copyProductionPackages(from: string, to: string): void {
  for (const { path, version } of productionPackages(from)) {
    const { version: here } = JSON.parse(readFileSync(join(from, path, 'package.json'), 'utf8'));
    if (here !== version) throw new Error(`expected ${path} in version ${version}, got ${here}`);
    // Packages within packages are in the lock file themselves.
    copyTree(join(from, path), join(to, path), {
      accepts: (file) => !file.startsWith('node_modules/'),
    });
  }
}
