import { timelyCallModels } from './call-model.ts';
import { machineFaults } from './machine-faults.ts';
import { describePath, eventName, shortestPaths } from './paths.ts';
import { callPathsForWorld } from './world-paths.ts';

let t = performance.now();
const ps = callPathsForWorld();
console.log(
  performance.now() - t,
  ps.length,
  ps.reduce((n, p) => n + p.steps.length, 0),
);
for (const p of ps)
  console.log(
    describePath(p),
    p.forced.length ? 'FORCED ' + p.forced.map((s) => eventName(s.event)) : '',
  );
t = performance.now();
console.log(
  machineFaults(timelyCallModels().flatMap(shortestPaths)).filter((f) => /never|reached/.test(f)),
  performance.now() - t,
);
