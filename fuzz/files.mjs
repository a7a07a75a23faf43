// The kind `files`: sound files of every format, damaged and then loaded and read.
import { readFileSync, writeFileSync } from 'node:fs';

/** Sound files of every kind, written anew by each child; what loads them, and what it is called. */
export function prepareFiles(job, { mx }) {
  const values = {
    a: mx.arange(12).reshape([3, 4]),
    b: mx.array([1, 2, 3], mx.int8),
    c: mx.array(5, mx.bfloat16),
  };
  const nested = {
    'layer.weight': mx.ones([2, 64]).astype(mx.float16),
    'layer.bias': mx.zeros([0]),
  };
  const write = {
    'a.npy': (file) => mx.save(file, values.a),
    'column.npy': (file) => mx.save(file, mx.array([[true], [false]])),
    'complex.npy': (file) => mx.save(file, mx.array([mx.Complex(1, 2)])),
    'plain.npz': (file) => mx.savez(file, { a: values.a, b: values.b }),
    'small.npz': (file) => mx.savezCompressed(file, { a: values.a, b: values.b }),
    'a.safetensors': (file) =>
      mx.saveSafetensors(file, { ...values, ...nested }, { format: 'mlx', note: 'text' }),
    'one.safetensors': (file) => mx.saveSafetensors(file, { a: values.a }),
    'a.gguf': (file) =>
      mx.saveGguf(
        file,
        { a: values.a, ...nested },
        { name: 'text', list: ['a', 'b'], number: mx.array(3) },
      ),
    'elementwise.mlxfn': (file) =>
      mx.exportFunction(file, (a) => mx.exp(a).add(1).sum(0), mx.ones([2, 3])),
    'layers.mlxfn': (file) =>
      mx.exportFunction(
        file,
        (a) => mx.softmax(mx.matmul(a, mx.ones([3, 4])), -1),
        mx.ones([2, 3]),
      ),
    'shapeless.mlxfn': (file) =>
      mx.exportFunction(
        file,
        (a) => [a.index('::-1'), mx.sort(a), a.astype(mx.int32)],
        mx.ones([2, 3]),
        { shapeless: true },
      ),
  };
  const files = Object.entries(write).map(([name, save]) => {
    save(name);
    return { name, bytes: readFileSync(name) };
  });
  return { files, writeFileSync };
}

/** One damaged file: the sound one, a statement for each damage, and its reading. */
export function makeDamagedFile(random, job, { files }) {
  const { name, bytes } = random.pick(files);
  const isFunction = name.endsWith('.mlxfn');
  const isRead = isFunction || random.chance(0.5);
  const load = isFunction
    ? `mx.importFunction('${name}')(mx.ones([2, 3]))`
    : `mx.load(${isRead ? `'${name}'` : `bytes, '${name.split('.')[1]}'`})`;
  const texts = [
    `let bytes = Buffer.from('${bytes.toString('base64')}', 'base64');`,
    ...random.list(1, 4, () => damage(random, bytes)),
    ...(isRead ? [`given.writeFileSync('${name}', bytes);`] : []),
    `return ${load};`,
  ];
  return {
    label: name,
    statements: texts.map((text) => ({ text, simpler: [] })),
    preamble: [`const given = require('node:fs');`],
    names: isFunction ? ['importFunction'] : ['load'],
  };
}

/** A place, most often in the head of the file or at its end, where the formats keep their structure. */
function placeIn(random, length) {
  const roll = random.below(3);
  if (roll === 0) return random.below(Math.min(length, 64));
  if (roll === 1) return Math.max(0, length - 1 - random.below(96));
  return random.below(length);
}

const lengths = [0, 1, 2, 127, 255, 2 ** 16 - 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const longLengths = [
  '0n',
  '1n',
  '2n ** 32n',
  '2n ** 53n',
  '2n ** 62n',
  '2n ** 63n',
  '2n ** 64n - 1n',
];

function damage(random, bytes) {
  const place = placeIn(random, bytes.length);
  switch (random.below(8)) {
    case 0:
      return `bytes = bytes.subarray(0, ${place});`;
    case 1:
      return `if (bytes.length > ${place + 4}) bytes.writeUInt32LE(${random.pick(lengths)}, ${place});`;
    case 2:
      return `if (bytes.length > ${place + 8}) bytes.writeBigUInt64LE(${random.pick(longLengths)}, ${place});`;
    case 3:
      return `bytes = Buffer.concat([bytes.subarray(0, ${place}), bytes.subarray(${placeIn(random, bytes.length)})]);`;
    case 4:
      return `bytes = Buffer.concat([bytes, Buffer.alloc(${random.between(1, 64)}, ${random.below(256)})]);`;
    case 5:
      return `bytes[${place}] = ${random.below(256)};`;
    case 6:
      return numberDamage(random, bytes);
    default:
      return `bytes[${place}] ^= ${1 << random.below(8)};`;
  }
}

/** Another number in the text of a header: a size, an offset, a count. */
function numberDamage(random, bytes) {
  const numbers = [...bytes.toString('latin1').matchAll(/\d+/g)];
  if (numbers.length === 0) return `bytes[0] ^= 1;`;
  const { 0: text, index } = random.pick(numbers);
  const other = random.pick([
    '0',
    '1',
    '7',
    '-1',
    '99',
    '1e9',
    '2147483648',
    '4294967296',
    '18446744073709551615',
    '9'.repeat(text.length),
  ]);
  return `bytes = Buffer.concat([bytes.subarray(0, ${index}), Buffer.from('${other}'), bytes.subarray(${index + text.length})]);`;
}
