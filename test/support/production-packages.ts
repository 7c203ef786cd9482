/** What `npm ci --omit=dev --omit=optional` would install, from the packages that are here already. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree } from './copy-tree.ts';

interface LockedPackage {
  version: string;
  dev?: boolean;
  optional?: boolean;
}

/** Packages by where they lie, such as `node_modules/pino`. */
export function productionPackages(directory: string): [path: string, version: string][] {
  const lock = JSON.parse(readFileSync(join(directory, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  return Object.entries(lock.packages).flatMap(([path, { version, dev, optional }]) =>
    path === '' || dev || optional ? [] : [[path, version]],
  );
}

/** @throws {Error} where a package is not here in the version of the lock file */
export function copyProductionPackages(from: string, to: string): void {
  for (const [path, version] of productionPackages(from)) {
    const { version: here } = JSON.parse(readFileSync(join(from, path, 'package.json'), 'utf8'));
    if (here !== version) throw new Error(`expected ${path} in version ${version}, got ${here}`);
    // Packages within packages are in the lock file themselves.
    copyTree(join(from, path), join(to, path), {
      accepts: (file) => !file.startsWith('node_modules/'),
    });
  }
}
