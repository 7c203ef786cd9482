import { z } from 'zod';

const EXPECTED = 'expected a JSON array of strings, such as ["--quantization","fp8"]';

/** Further arguments of `vllm serve`. */
export const vllmArguments = z
  .string(EXPECTED)
  .transform((value) => {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return undefined;
    }
  })
  .pipe(
    z.array(z.string(EXPECTED), EXPECTED).refine((args) => !args.some(isReserved), {
      error: () => `expected none of ${RESERVED.join(', ')} in it`,
    }),
  );

/**
 * What we set ourselves and others rely on, and what would write the callers' words into the log.
 * vLLM takes a name that is cut short, and `_` for `-`.
 */
const RESERVED = [
  '--host',
  '--port',
  '--uds',
  '--api-key',
  '--served-model-name',
  '--enable-log-requests',
  '--enable-log-outputs',
  '--log-config-file',
  '--logging-config',
];

function isReserved(argument: string): boolean {
  const [name = ''] = argument.replaceAll('_', '-').split(/[=.]/);
  return name.length > 2 && RESERVED.some((reserved) => reserved.startsWith(name));
}
