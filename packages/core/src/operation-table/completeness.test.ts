import * as mx from '../index';
import { operations } from './table';

/** Functions without a row, by what they are instead of operations on arrays. */
const others: Readonly<Record<string, string>> = {
  'make arrays of no arrays':
    'array asarray arange linspace zeros ones empty eye identity tri fromDlpack ' +
    'blackman hamming hanning bartlett fft.fftfreq fft.rfftfreq random.key',
  'are other names of operations':
    'conj var concat permuteDims gatherMM gatherQMM blockMaskedMM ' +
    'acos acosh asin asinh atan atan2 atanh pow bitwiseLeftShift bitwiseRightShift ' +
    'cumulativeSum cumulativeProd',
  'transform functions':
    'grad valueAndGrad jvp vjp vmap compile disableCompile enableCompile checkpoint ' +
    'customFunction exportFunction exportToDot exporter importFunction',
  'evaluate or keep memory':
    'eval evaluate asyncEval tidy dispose clearCache getActiveMemory getCacheMemory ' +
    'getPeakMemory getWrappersCount resetPeakMemory setCacheLimit setMemoryLimit setWiredLimit',
  'compute at once, as the values give the shape': 'nonzero argwhere',
  'make kernels of a text': 'fast.metalKernel fast.cudaKernel fast.precompiledCudaKernel',
  'read and write files': 'load save saveGguf saveSafetensors savez savezCompressed',
  'are about devices and streams':
    'Device Stream clearStreams defaultDevice defaultStream deviceCount deviceInfo isAvailable ' +
    'newStream newThreadLocalStream newThreadUnsafeStream setDefaultDevice setDefaultStream stream synchronize ' +
    'metal.isAvailable metal.deviceInfo metal.startCapture metal.stopCapture ' +
    'cuda.isAvailable cuda.deviceInfo',
  'exchange arrays with other processes':
    'distributed.Group distributed.init distributed.isAvailable distributed.allSum distributed.allMax ' +
    'distributed.allMin distributed.allGather distributed.sumScatter distributed.send distributed.recv ' +
    'distributed.recvLike',
  'are about dtypes and shapes':
    'Dtype DtypeCategory finfo iinfo isdtype issubdtype canCast resultType broadcastShapes einsumPath',
  'are values, errors or settings':
    'Complex Slice IndexedUpdate DtypeError EngineError ShapeError ' +
    'getPrintoptions printoptions setPrintoptions random.seed',
  'walk trees':
    'treeFlatten treeMap treeMapWithPath treeMerge treeReduce treeUnflatten ' +
    'utils.treeFlatten utils.treeMap utils.treeMapWithPath utils.treeMerge utils.treeReduce ' +
    'utils.treeUnflatten',
};

/** No instance of a class: a namespace. Modules come from another realm than this test. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function functionsOf(value: object, prefix: string): string[] {
  return Object.keys(value).flatMap((key) => {
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === 'function') return [prefix + key];
    return isPlain(member) && prefix === '' ? functionsOf(member, `${key}.`) : [];
  });
}

/** Methods that are no functions of @mlx/core too, but take part in gradients. */
const methods = [
  'array.index',
  'array.indexPut_',
  ...Object.getOwnPropertyNames(mx.IndexedUpdate.prototype)
    .filter((name) => name !== 'constructor' && name !== 'update')
    .map((name) => `array.at.${name}`),
];

describe('the table of operations', () => {
  const rows = new Set(operations.map((one) => one.name));
  const excused = new Set(Object.values(others).flatMap((names) => names.split(' ')));
  const functions = [...functionsOf(mx, ''), ...methods];

  test('has every function of arrays', () => {
    expect(functions.length).toBeGreaterThan(300);
    expect(functions.filter((name) => !rows.has(name) && !excused.has(name))).toEqual([]);
  });

  test('names nothing that does not exist, and nothing twice', () => {
    expect([...rows, ...excused].filter((name) => !functions.includes(name))).toEqual([]);
    expect([...rows].filter((name) => excused.has(name))).toEqual([]);
  });
});
