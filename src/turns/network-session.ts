import './no-telemetry.ts';
import { InferenceSession } from 'onnxruntime-node';

/**
 * Loads a network that runs in one thread of its worker: more of them cost Silero twice the CPU time and
 * were not faster for any batch size.
 */
export function openNetwork(modelPath: string): Promise<InferenceSession> {
  return InferenceSession.create(modelPath, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
}
