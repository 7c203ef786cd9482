import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Empty, and gone after the test. */
export async function temporaryDirectory(t: {
  after(clean: () => unknown): void;
}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'test-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
