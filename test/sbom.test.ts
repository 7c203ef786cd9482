import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { productionPackages } from './support/production-packages.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { dependencies, devDependencies } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
) as Record<'dependencies' | 'devDependencies', Record<string, string>>;

/** What CycloneDX 1.5 asks of a document, and we of every component. */
const reference = z.string().min(1);
const cycloneDx = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.5'),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  version: z.literal(1),
  metadata: z.object({
    timestamp: z.iso.datetime(),
    component: z.object({ 'bom-ref': reference, type: z.literal('application'), name: reference }),
  }),
  components: z.array(
    z.object({
      'bom-ref': reference,
      type: z.literal('library'),
      name: reference,
      version: reference,
      purl: z.string().startsWith('pkg:npm/'),
      hashes: z.tuple([z.object({ alg: z.literal('SHA-512'), content: z.string().length(128) })]),
      licenses: z.array(z.unknown()).min(1).optional(),
    }),
  ),
  dependencies: z.array(z.object({ ref: reference, dependsOn: z.array(reference) })),
});

test('the list of components is CycloneDX, and has just what production has', async (t) => {
  const file = join(await temporaryDirectory(t), 'sbom.json');
  const { error, status, stderr } = spawnSync(process.execPath, ['src/write-sbom.ts', file], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.ifError(error);
  assert.equal(status, 0, stderr);
  const bom = cycloneDx.parse(JSON.parse(await readFile(file, 'utf8')));
  assert.equal(bom.metadata.component.name, 'twilio-ultravox-agent');
  const listed = bom.components.map(({ name, version }) => `${name}@${version}`).sort();
  const locked = productionPackages(ROOT).map(({ name, version }) => `${name}@${version}`);
  const names = new Set(bom.components.map(({ name }) => name));
  for (const name of Object.keys(dependencies)) assert.ok(names.has(name), name);
  for (const name of Object.keys(devDependencies)) assert.ok(!names.has(name), name);
  assert.deepEqual(listed, [...new Set(locked)].sort());
  const references = new Set(bom.components.map((component) => component['bom-ref']));
  for (const { dependsOn } of bom.dependencies) {
    for (const each of dependsOn) assert.ok(references.has(each), each);
  }
});
