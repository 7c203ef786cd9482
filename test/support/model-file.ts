/**
 * A network in the form of an ONNX file, written by hand: the sigmoid of the mean of its one input, which
 * is 1 x 80 x 800 numbers. Field numbers are those of onnx.proto.
 */
export function modelFile(input = 'input_features'): Uint8Array {
  const graph = [
    ...field(1, node('ReduceMean', input, 'mean')),
    ...field(1, node('Sigmoid', 'mean', 'probability')),
    ...field(2, text('turn')),
    ...field(11, value(input, [1, 80, 800])),
    ...field(12, value('probability', [1, 1, 1])),
  ];
  return Uint8Array.from([
    ...number(1, 8),
    ...field(7, graph),
    ...field(8, [...field(1, []), ...number(2, 13)]),
  ]);
}

function node(operation: string, input: string, output: string): number[] {
  return [...field(1, text(input)), ...field(2, text(output)), ...field(4, text(operation))];
}

/** Of 32-bit floats. */
function value(name: string, dimensions: readonly number[]): number[] {
  const shape = dimensions.flatMap((size) => field(1, number(1, size)));
  const tensor = [...number(1, 1), ...field(2, shape)];
  return [...field(1, text(name)), ...field(2, field(1, tensor))];
}

function text(value: string): number[] {
  return [...Buffer.from(value)];
}

function number(id: number, value: number): number[] {
  return [...variable(id << 3), ...variable(value)];
}

function field(id: number, content: readonly number[]): number[] {
  return [...variable((id << 3) | 2), ...variable(content.length), ...content];
}

function variable(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...variable(value >> 7)];
}
