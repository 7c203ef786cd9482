/** Logs 60 MB, then says on stderr how it went, after its log is closed. */
import { BackPressure } from '../../src/back-pressure.ts';
import { openLog } from '../../src/open-log.ts';

const pressure = new BackPressure();
const { log, close } = openLog('info', pressure);
for (let burst = 0; burst < 60; burst++) {
  for (let n = 0; n < 1000; n++) log.info({ text: 'x'.repeat(1000) }, 'line written');
  await new Promise((resolve) => setTimeout(resolve, 5));
}
await close();
process.on('exit', () => {
  const heapMb = process.memoryUsage().heapUsed / 2 ** 20;
  process.stderr.write(`${JSON.stringify({ dropped: pressure.shed.log, heapMb })}\n`);
});
process.exit(0);
