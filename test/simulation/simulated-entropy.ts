/** Randomness of the program under the seed: ids, nonces, keys. */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Random } from './random.ts';

const nodeCrypto = createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto');
const real = {
  randomUUID: nodeCrypto.randomUUID,
  randomBytes: nodeCrypto.randomBytes as (count: number) => Buffer,
  ofWeb: globalThis.crypto.randomUUID.bind(globalThis.crypto),
};
let seeded: Random | undefined;
let isInPlace = false;

/** Until the function that it returns is called. */
export function installEntropy(random: Random): () => void {
  if (!isInPlace) takePlace();
  isInPlace = true;
  seeded = random;
  return () => {
    seeded = undefined;
  };
}

/** Once for all seeds: to tell all modules of it costs much. */
function takePlace(): void {
  const randomUUID = () => (seeded ? uuidOf(seeded) : real.randomUUID());
  const randomBytes = (count: number) => seeded?.bytes(count) ?? real.randomBytes(count);
  Object.assign(nodeCrypto, { randomUUID, randomBytes });
  const value = () => (seeded ? uuidOf(seeded) : real.ofWeb());
  Object.defineProperty(globalThis.crypto, 'randomUUID', { value, configurable: true });
  // Without this, who has imported them by name keeps the ones before.
  syncBuiltinESMExports();
}

function uuidOf(random: Random): string {
  const hex = random.bytes(16).toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
