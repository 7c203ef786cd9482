/**
 * The same functions, except that what they throw is told and goes no further: whoever looks on at
 * calls must not hurt them.
 */
export function harmless<Watch extends object>(
  watch: Watch,
  onFault: (error: unknown) => void,
): Watch {
  const guarded = (act: (...told: unknown[]) => unknown) =>
    function (this: unknown, ...told: unknown[]) {
      try {
        return act.apply(this, told);
      } catch (error) {
        onFault(error);
        return undefined;
      }
    };
  const entries = Object.entries(watch).map(([name, value]) => [
    name,
    typeof value === 'function' ? guarded(value) : value,
  ]);
  return Object.fromEntries(entries) as Watch;
}
