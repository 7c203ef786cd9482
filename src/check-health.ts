/** `node src/check-health.ts`: whether the server of this container answers. Exit code 0 or 1. */
const ANSWER_MS = 3000;

const limit = new AbortController();
const timer = setTimeout(() => limit.abort(), ANSWER_MS);
const url = `http://127.0.0.1:${process.env.PORT || 8080}/health`;
const came = await fetch(url, { signal: limit.signal }).then(
  ({ status }) => status,
  () => 'no answer',
);
clearTimeout(timer);
if (came !== 200) {
  console.error(`expected ${url} to answer 200, got ${came}`);
  process.exitCode = 1;
}
