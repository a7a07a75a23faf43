import './node/dispose-symbol';
import { ownVersion } from './addon/own-version';
import { bool_ } from './dtypes/dtype';
import { evaluateAsEval, watchForTermination } from './evaluation/evaluate';
import { installCollector } from './memory/garbage-collector';
import { varianceAsVar } from './ops/aliases';
import * as tree from './trees/tree';

installCollector();
watchForTermination();

// Declarations of who doesn't write types down name the class itself: `weight = mx.ones([2])`.
export type { MLXArray } from './array/array';
export { array, asarray, type AsarrayOptions } from './array/array-function';
export { Complex } from './array/complex';
export * from './constants';
export {
  Device,
  Stream,
  clearStreams,
  cpu,
  defaultDevice,
  defaultStream,
  deviceCount,
  deviceInfo,
  gpu,
  isAvailable,
  newStream,
  newThreadLocalStream,
  newThreadUnsafeStream,
  setDefaultDevice,
  setDefaultStream,
  stream,
  synchronize,
  type DeviceType,
} from './devices/device';
export {
  Dtype,
  DtypeCategory,
  bfloat16,
  bool_,
  complex64,
  complexfloating,
  finfo,
  float16,
  float32,
  float64,
  floating,
  generic,
  iinfo,
  inexact,
  int16,
  int32,
  int64,
  int8,
  integer,
  isdtype,
  issubdtype,
  number,
  signedinteger,
  uint16,
  uint32,
  uint64,
  uint8,
  unsignedinteger,
  type NamedDtype,
  type TypedArrayOf,
} from './dtypes/dtype';
export { DtypeError, EngineError, ShapeError } from './errors/errors';
export { asyncEval, evaluate } from './evaluation/evaluate';
export type {
  CudaKernelOptions,
  CustomKernel,
  CustomKernelCall,
  KernelScalar,
  MetalKernelOptions,
  PrecompiledCudaKernelOptions,
  Size3,
  TemplateArgument,
} from './custom-kernels';
export { fast, type AttentionOptions, type RopeOptions } from './fast';
export { cuda, metal } from './devices/metal-and-cuda';
export { IndexedUpdate, type Index } from './indexing';
export type { Internals } from './array/internals';
export * as distributed from './distributed';
export * as fft from './fft';
export * from './io';
export {
  clearCache,
  dispose,
  getActiveMemory,
  getCacheMemory,
  getPeakMemory,
  getWrappersCount,
  resetPeakMemory,
  setCacheLimit,
  setMemoryLimit,
  setWiredLimit,
  tidy,
} from './memory/memory';
export * as linalg from './linalg';
export { matrixNorm, type MatrixNormOptions } from './linalg/matrix-norm';
export * from './ops/arithmetic';
export * from './ops/axes';
export * from './ops/cast';
export * from './ops/classification';
export * from './ops/closeness';
export * from './ops/comparison';
export * from './ops/complex-parts';
export * from './ops/conv';
export * from './ops/convolve';
export * from './ops/creation';
export * from './ops/diagonals';
export * from './ops/einsum';
export * from './ops/hadamard';
export * from './ops/indexing';
export * from './ops/joining';
export * from './ops/logic';
export * from './ops/matmul';
export * from './ops/nonzero';
export * from './ops/ordering';
export * from './ops/quantized';
export * from './ops/quantized-matmul';
export * from './ops/reduce';
export * from './ops/reshaping';
export * from './ops/scan';
export * from './ops/selection';
export * from './ops/selective-matmul';
export * from './ops/softmax';
export * from './ops/sort';
export * from './ops/trigonometric';
export * from './ops/unary';
export * from './ops/window';
export {
  getPrintoptions,
  printoptions,
  setPrintoptions,
  type PrintOptions,
} from './array/printing';
export { canCast, resultType } from './dtypes/promotion';
export { random, type DrawOptions } from './random';
export { Slice } from './indexing/slice';
export { checkpoint } from './transforms/checkpoint';
export { compile, disableCompile, enableCompile } from './transforms/compile';
export { customFunction, type CustomFunction } from './transforms/custom-function';
export {
  exportFunction,
  exportToDot,
  exporter,
  importFunction,
  type Exporter,
  type ExportOptions,
  type ExportRecord,
  type ImportedFunction,
  type KeywordArrays,
  type TracedValue,
} from './transforms/export';
export { grad, valueAndGrad, type GradOptions } from './transforms/grad';
export { jvp, vjp } from './transforms/vjp-jvp';
export { vmap, type AxesTree } from './transforms/vmap';
export {
  treeFlatten,
  treeMap,
  treeMapWithPath,
  treeMerge,
  treeReduce,
  treeSymbol,
  treeUnflatten,
  type Tree,
} from './trees/tree';
export type { LeavesOf, MappedTree, MergedTree } from './trees/tree-types';
export type * from './arguments/types';

/** The tree functions under one name. */
export const utils = {
  treeFlatten: tree.treeFlatten,
  treeMap: tree.treeMap,
  treeMapWithPath: tree.treeMapWithPath,
  treeMerge: tree.treeMerge,
  treeReduce: tree.treeReduce,
  treeUnflatten: tree.treeUnflatten,
};

/** This package's version; empty in a bundle that left package.json behind. */
export const __version__: string = ownVersion() ?? '';

export { bool_ as bool, evaluateAsEval as eval, varianceAsVar as var };
