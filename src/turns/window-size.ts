/**
 * What the voice-activity network judges at once. It stands apart from the network, so that whoever
 * only counts in windows does not load an inference engine.
 */
import { SAMPLE_RATE_HZ } from '../audio/mulaw.ts';

export const WINDOW_SAMPLES = 256;
export const WINDOW_MS = (WINDOW_SAMPLES * 1000) / SAMPLE_RATE_HZ;
