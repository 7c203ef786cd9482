/**
 * A process of its own: `node process-guard.ts <process group>`. Its input is a pipe from whoever
 * started the group, which closes when that one dies, however it dies; then the group is ended.
 */
const GRACE_MS = 10_000;
const group = Number(process.argv[2]);

process.stdin.once('end', () => {
  signal('SIGTERM');
  setTimeout(() => signal('SIGKILL'), GRACE_MS);
});
process.stdin.resume();

function signal(name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // Nothing is left of it.
    process.exit();
  }
}
