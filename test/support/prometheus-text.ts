/** Prometheus's text format, read: samples by name and labels. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

export class PrometheusText {
  readonly text: string;
  readonly samples: readonly Sample[];

  /** @throws when a line is none of the format */
  constructor(text: string) {
    this.text = text;
    this.samples = text.split('\n').flatMap(sampleOf);
  }

  static async from(url: string): Promise<PrometheusText> {
    const response = await fetch(`${url}/metrics`);
    if (response.status !== 200)
      throw new Error(`expected 200 of /metrics, got ${response.status}`);
    return new PrometheusText(await response.text());
  }

  /** The sum over all samples of this name with these labels; undefined: there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
    return found.length > 0 ? found.reduce((sum, { value }) => sum + value, 0) : undefined;
  }
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const NOT_NUMBERS: Readonly<Record<string, number>> = { '+Inf': Infinity, Nan: Number.NaN };

function sampleOf(line: string): Sample[] {
  if (line === '' || line.startsWith('#')) return [];
  const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (!name) throw new Error(`expected a sample, got "${line}"`);
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  const named = Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text]));
  return [{ name, labels: named, value: NOT_NUMBERS[value] ?? Number(value) }];
}
