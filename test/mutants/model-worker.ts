/** A thread in which a machine with a planted bug is taken along the paths of its model, or on walks. */
import { parentPort, workerData } from 'node:worker_threads';
import { plant } from '../simulation/module-hooks.ts';
import type { Mutant } from './mutants.ts';

const mutant = workerData as Mutant;
plant(mutant);
const { callPaths, callWalks, enginePaths, engineWalks } = await import('./catch-by-model.ts');
const onPaths = mutant.catcher === 'paths';
const isCall = mutant.file === 'machines/call.ts';
const caught = isCall
  ? await (onPaths ? callPaths() : callWalks())
  : await (onPaths ? enginePaths() : engineWalks());
parentPort!.postMessage(caught);
