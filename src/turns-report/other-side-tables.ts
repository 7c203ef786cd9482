/** How well what is no person is told from one: recordings that are repeated, answering machines. */
import { decodeMulaw, encodeMulaw, SAMPLE_RATE_HZ } from '../audio/mulaw.ts';
import { AnsweringMachine } from '../turns/answering-machine.ts';
import { likeness, SAME_RECORDING, type SpeechPrint, speechPrint } from '../turns/speech-print.ts';
import type { VoiceActivity } from '../turns/voice-activity.ts';
import { hear, telephoneAudio } from './hear-clip.ts';
import { joined } from './joined-samples.ts';
import { type LabelledClip, type Recordings, readClip } from './labelled-clips.ts';

interface Speech {
  clip: LabelledClip;
  samples: Int16Array;
  print: SpeechPrint;
}

/** How a recording comes again: elsewhere in its frames, and over a worse line. */
const AGAIN: Record<string, { gain?: number; under?: string; snrDb?: number; loss?: number }> = {
  'the same, 5 ms later': {},
  '8 dB quieter': { gain: 0.4 },
  '3 % of the frames lost': { loss: 0.03 },
  'over music, 15 dB below': { under: 'nz_music_synth_a', snrDb: 15 },
  'over music, 10 dB below': { under: 'nz_music_synth_a', snrDb: 10 },
  'over music, 5 dB below': { under: 'nz_music_synth_a', snrDb: 5 },
  'over a restaurant, 10 dB below': { under: 'nz_restaurant', snrDb: 10 },
};

/** Speech of 4 s and more is what is taken for an announcement. */
export function repetitionRows({ folder, clips }: Omit<Recordings, 'activity'>): object[] {
  const spoken = clips.filter((clip) => (clip.speech.at(-1)?.[1] ?? 0) >= 4000 && isOriginal(clip));
  const speeches = spoken.map((clip): Speech => {
    const samples = readClip(folder, clip);
    return { clip, samples, print: printOf(samples) };
  });
  const others = speeches.flatMap((one, i) =>
    speeches.slice(i + 1).map((other) => likeness(one.print, other.print)),
  );
  if (speeches.length < 2) return [];
  const rows = Object.entries(AGAIN).map(([heard, how]) => {
    const noise = clips.find(({ id }) => id === how.under);
    const under = noise && readClip(folder, noise);
    const alike = speeches.map(({ samples }) => {
      const [first, second] = [
        variant(samples, { ...how, under }, 0),
        variant(samples, { ...how, under }, 40),
      ];
      return likeness(printOf(first), printOf(second));
    });
    return rowOf(heard, alike);
  });
  return [rowOf('other speech', others), ...rows];
}

function rowOf(heard: string, alike: readonly number[]): object {
  return {
    heard,
    pairs: alike.length,
    recognised: alike.filter((each) => each >= SAME_RECORDING).length,
    least: Number(Math.min(...alike).toFixed(3)),
    most: Number(Math.max(...alike).toFixed(3)),
  };
}

/** Every recording as what an outbound call meets, and speech with a beep, music or keys after it. */
export async function machineRows({ folder, clips, activity }: Recordings): Promise<object[]> {
  const met: [heard: string, id: string, samples: Int16Array][] = clips.map((clip) => [
    clip.category,
    clip.id,
    readClip(folder, clip),
  ]);
  const greetings = clips.filter(
    ({ category, speech }) => category === 'clean' && spokenMs(speech) >= 3000,
  );
  const after: [string, Int16Array][] = [
    ['speech, then a beep', sine(1000, 400)],
    ['speech, then a long low beep', sine(440, 1000)],
    ...['nz_music_synth_a', 'dtmf_all', 'tone_busy_us', 'nz_keyboard'].flatMap(
      (id): [string, Int16Array][] => {
        const clip = clips.find((each) => each.id === id);
        return clip ? [[`speech, then ${id}`, readClip(folder, clip)]] : [];
      },
    ),
  ];
  for (const [heard, sound] of after) {
    for (const clip of greetings) {
      const endMs = clip.speech.at(-1)![1];
      const spoken = readClip(folder, clip).subarray(0, (endMs * SAMPLE_RATE_HZ) / 1000);
      met.push([heard, clip.id, joined([spoken, new Int16Array(PAUSE_SAMPLES), sound])]);
    }
  }
  const found = await Promise.all(
    met.map(async ([heard, id, samples]) => ({
      heard,
      id,
      is: await isMachine(activity, samples),
    })),
  );
  return Object.entries(Object.groupBy(found, ({ heard }) => heard)).map(([heard, some = []]) => {
    const machines = some.filter(({ is }) => is);
    const by = machines.length < 4 ? machines.map(({ id }) => id).join(', ') : '';
    return { heard, clips: some.length, machines: machines.length, by };
  });
}

/** @param samples as they were recorded */
export async function isMachine(activity: VoiceActivity, samples: Int16Array): Promise<boolean> {
  const audio = telephoneAudio(samples);
  const machine = new AnsweringMachine();
  for (const window of await hear(activity, audio)) {
    machine.judge(window);
    const endSample = (window.endMs * SAMPLE_RATE_HZ) / 1000;
    if (machine.hear(audio.subarray(endSample - 256, endSample))) return true;
  }
  return false;
}

/** Not made of another recording, which it would be alike. */
function isOriginal({ category }: LabelledClip): boolean {
  return ['clean', 'foreign', 'conversation', 'shortword'].includes(category);
}

function printOf(samples: Int16Array): SpeechPrint {
  return speechPrint(encodeMulaw(samples));
}

function variant(
  samples: Int16Array,
  {
    gain = 1,
    under,
    snrDb = 0,
    loss = 0,
  }: { gain?: number; under?: Int16Array | undefined; snrDb?: number; loss?: number },
  shift: number,
): Int16Array {
  const noiseGain = under ? rms(samples) / (rms(under) * 10 ** (snrDb / 20)) : 0;
  const from = shift * 997;
  const heard = samples.subarray(shift).map((sample, i) => {
    const noise = under ? noiseGain * under[(from + i) % under.length]! : 0;
    return Math.max(-32_768, Math.min(32_767, gain * sample + noise));
  });
  const every = Math.round(1 / loss);
  for (let frame = 7; loss > 0 && shift > 0 && frame * 160 < heard.length; frame += every) {
    heard.fill(0, frame * 160, (frame + 1) * 160);
  }
  return decodeMulaw(encodeMulaw(heard));
}

function sine(frequencyHz: number, ms: number): Int16Array {
  return Int16Array.from(
    { length: (ms * SAMPLE_RATE_HZ) / 1000 },
    (_, i) => 3000 * Math.sin((2 * Math.PI * frequencyHz * i) / SAMPLE_RATE_HZ),
  );
}

function rms(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

function spokenMs(speech: readonly [number, number][]): number {
  return speech.reduce((sum, [from, to]) => sum + to - from, 0);
}

/** Between the words and what follows: 600 ms. */
const PAUSE_SAMPLES = 0.6 * SAMPLE_RATE_HZ;
