/** Randomness of the program under the seed: ids, nonces, keys. */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Random } from './random.ts';

const nodeCrypto = createRequire(import.meta.url)('node:crypto') as Record<string, unknown>;
const real = {
  randomUUID: nodeCrypto.randomUUID,
  randomBytes: nodeCrypto.randomBytes,
  ofWeb: globalThis.crypto.randomUUID,
};

/** Until the function that it returns is called. */
export function installEntropy(random: Random): () => void {
  const randomUUID = () => uuidOf(random.bytes(16).toString('hex'));
  place(randomUUID, (count: number) => random.bytes(count), randomUUID);
  return () => place(real.randomUUID, real.randomBytes, real.ofWeb);
}

function place(randomUUID: unknown, randomBytes: unknown, ofWeb: unknown): void {
  nodeCrypto.randomUUID = randomUUID;
  nodeCrypto.randomBytes = randomBytes;
  Object.defineProperty(globalThis.crypto, 'randomUUID', {
    value: ofWeb,
    configurable: true,
    writable: true,
  });
  // Without this, who has imported them by name keeps the ones before.
  syncBuiltinESMExports();
}

function uuidOf(hex: string): string {
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
