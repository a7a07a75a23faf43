// The 4-bit product in onnxruntime, which rounds the vector to 8 bits. Its package lies in the folder
// that is given first; then comes the number of threads.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { serve } from '../worker.mjs';

const [folder, threads] = process.argv.slice(2);
const { InferenceSession, Tensor } = createRequire(join(folder, 'x'))('onnxruntime-node');

/** A field of a protocol buffer: a number, bytes, a text, or the fields of a message. */
function field(number, value) {
  if (typeof value === 'number') return [...varint(number * 8), ...varint(value)];
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

const message = (...fields) => Buffer.concat(fields.map((one) => Buffer.from(one)));

const float = 1;
const uint8 = 2;

function tensor(name, type, dims, data) {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return message(...dims.map((n) => field(1, n)), field(2, type), field(8, name), field(9, bytes));
}

function value(name, dims) {
  const shape = message(...dims.map((n) => field(1, message(field(1, n)))));
  const type = message(field(1, message(field(1, float), field(2, shape))));
  return message(field(1, name), field(2, type));
}

/** y = x Wᵀ with W in 4 bits, as onnx.proto and the operator MatMulNBits of com.microsoft have it. */
function model(n, block = 32) {
  const codes = Uint8Array.from({ length: (n * n) / 2 }, () => Math.random() * 256);
  const scales = Float32Array.from({ length: (n * n) / block }, () => Math.random() / 8);
  const integer = (name, i) => field(5, message(field(1, name), field(3, i), field(20, 2)));
  const node = message(
    ...['x', 'codes', 'scales'].map((name) => field(1, name)),
    field(2, 'y'),
    field(4, 'MatMulNBits'),
    field(7, 'com.microsoft'),
    integer('K', n),
    integer('N', n),
    integer('bits', 4),
    integer('block_size', block),
    integer('accuracy_level', 4),
  );
  const graph = message(
    field(1, node),
    field(2, 'product'),
    field(5, tensor('codes', uint8, [n, n / block, block / 2], codes)),
    field(5, tensor('scales', float, [(n * n) / block], scales)),
    field(11, value('x', [1, n])),
    field(12, value('y', [1, n])),
  );
  const opset = (domain, version) => field(8, message(field(1, domain), field(2, version)));
  return message(field(1, 10), field(7, graph), opset('', 21), opset('com.microsoft', 1));
}

await serve({
  quantizedGemv: async () => {
    const n = 4096;
    const session = await InferenceSession.create(model(n), { intraOpNumThreads: Number(threads) });
    const x = new Tensor('float32', new Float32Array(n).fill(0.5), [1, n]);
    return () => session.run({ x });
  },
});
