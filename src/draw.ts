/** `npm run draw`: draws the machines anew, into `docs/`. */
import { writeFileSync } from 'node:fs';
import { callMachine } from '../machines/call.ts';
import { engineMachine } from '../machines/engine.ts';
import { drawings } from './visualiser/chart/drawings.ts';

for (const machine of [callMachine, engineMachine]) {
  for (const [name, content] of await drawings(machine)) {
    writeFileSync(new URL(`../docs/${name}`, import.meta.url), content);
    console.log(`docs/${name}`);
  }
}
