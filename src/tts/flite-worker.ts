/** The thread that speaks: one Flite, one request at a time, answered in order. */
import { parentPort } from 'node:worker_threads';
import { Flite, type FliteSpeaker, type Segment } from './flite.ts';
import { halveRate } from './halve-rate.ts';

export interface FliteRequest {
  id: number;
  text: string;
  speaker: FliteSpeaker;
  /** Halves the rate of the 16 kHz voices. */
  telephone: boolean;
}

export type FliteAnswer =
  | { id: number; samples: Int16Array<ArrayBuffer>; sampleRateHz: number; segments: Segment[] }
  | { id: number; failure: string };

const port = parentPort;
if (!port) throw new Error('expected to be started as a worker thread');

const flite = new Flite();
flite.prepare();
// Number 0 says that the thread has started; requests count from 1.
port.postMessage({ id: 0 });

port.on('message', (request: FliteRequest) => {
  const answer = speak(request);
  port.postMessage(answer, 'samples' in answer ? [answer.samples.buffer] : []);
  flite.prepare();
});

function speak({ id, text, speaker, telephone }: FliteRequest): FliteAnswer {
  try {
    const { samples, sampleRateHz, segments } = flite.speak(text, speaker);
    const halve = telephone && sampleRateHz === 16000;
    return {
      id,
      samples: new Int16Array(halve ? halveRate(samples) : samples),
      sampleRateHz: halve ? 8000 : sampleRateHz,
      segments,
    };
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) };
  }
}
