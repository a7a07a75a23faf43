import { native } from './addon/native';
import type { DtypeCode } from './addon/types';
import { toArrays } from './arguments/array-lists';
import {
  boolean,
  choice,
  describe,
  dtype,
  integer,
  listOf,
  nonNegativeInteger,
  nullable,
  number,
  optional,
  string,
  type Kind,
} from './arguments/kinds';
import { copyList } from './arguments/lists';
import { parameters, reader, shapeList } from './arguments/reader';
import type { ArrayLike, StreamOptions } from './arguments/types';
import { callMany, callNative, type MLXArray } from './array/array';
import { Dtype } from './dtypes/dtype';
import { within } from './errors/errors';
import { idsOf } from './transforms/traced-call';

/** What a template parameter of a kernel stands for: a type, an integer or a boolean. */
export type TemplateArgument = Dtype | number | boolean;

/** Three numbers: along x, y and z. */
export type Size3 = readonly [x: number, y: number, z: number];

/** A call of a kernel of one's own. */
export interface CustomKernelCall extends StreamOptions {
  /** The arrays and numbers that the kernel reads, in the order of its input names. */
  inputs: readonly ArrayLike[];
  /** Values of names that the source uses as types or constants; default: none. */
  template?:
    | Readonly<Record<string, TemplateArgument>>
    | readonly (readonly [name: string, value: TemplateArgument])[]
    | undefined;
  /** How many threads there are in each of three dimensions. */
  grid: Size3;
  /** How many threads a group has in each dimension, at most 1024 in all. */
  threadgroup: Size3;
  /** The shapes of the outputs. */
  outputShapes: readonly (readonly number[])[];
  /** The dtypes of the outputs. */
  outputDtypes: readonly Dtype[];
  /** What the outputs hold before the kernel runs; default: anything. */
  initValue?: number | null | undefined;
  /** Whether to print the kernel as it is compiled; default: false. */
  verbose?: boolean | undefined;
}

/** A kernel of one's own: returns the outputs, which are computed when they are needed. */
export type CustomKernel = (call: CustomKernelCall) => MLXArray[];

/** What a kernel is made of. */
interface KernelOptions {
  /** An identifier, which errors name. */
  name: string;
  /** What the source calls its inputs. */
  inputNames: readonly string[];
  /** What the source calls its outputs. */
  outputNames: readonly string[];
  /** The body of the kernel's function; its parameters are made from the names. */
  source: string;
  /** What stands before the function, such as functions that it calls; default: nothing. */
  header?: string | undefined;
  /** Whether inputs that are not row-contiguous are copied before; default: true. */
  ensureRowContiguous?: boolean | undefined;
}

/** Options of {@link metalKernel}. */
export interface MetalKernelOptions extends KernelOptions {
  /** Whether the outputs are `atomic<T>`, of float32, int32 or uint32; default: false. */
  atomicOutputs?: boolean | undefined;
  /** Whether the compiler may trade exactness for speed; default: 'safe', which it may not. */
  mathMode?: 'safe' | 'relaxed' | 'fast' | undefined;
}

/** Options of {@link cudaKernel}. */
export interface CudaKernelOptions extends KernelOptions {
  /** Bytes of dynamic shared memory of a group; default: 0. */
  sharedMemory?: number | undefined;
}

const names = listOf(string, 'a list of strings');
const size: Kind<readonly number[]> = {
  text: 'three integers: [x, y, z]',
  fits: (value) => Array.isArray(value),
  read: (value, name, parameter) => {
    const list = copyList(value as unknown[], name);
    if (list.length !== 3)
      throw new RangeError(
        `[${name}] ${parameter} must be ${size.text}, but got ${describe(list)}.`,
      );
    return list.map((one) => {
      if (!integer.fits(one))
        throw new TypeError(
          `[${name}] ${parameter} must be ${size.text}, but got ${describe(list)}.`,
        );
      return nonNegativeInteger.read!(one, name, parameter);
    });
  },
};
const list: Kind<readonly unknown[]> = {
  text: 'a list',
  fits: (value) => Array.isArray(value),
  read: (value, name) => copyList(value as unknown[], name),
};
const template: Kind<readonly (readonly [string, unknown])[]> = {
  text: 'an object or a list of names and values',
  fits: (value) => typeof value === 'object' && value !== null && !(value instanceof Dtype),
  read: (value, name) => {
    if (!Array.isArray(value)) return Object.entries(value as object);
    return copyList(value as unknown[], name).map((pair) => {
      const [key, one, ...more] = Array.isArray(pair) ? copyList(pair as unknown[], name) : [];
      if (typeof key !== 'string' || more.length > 0)
        throw new TypeError(
          `[${name}] template holds ${describe(pair)}, which is no pair of a name and a value.`,
        );
      return [key, one] as const;
    });
  },
};

/** Template arguments by what they are. */
class TemplateArguments {
  readonly dtypes: [string, DtypeCode][] = [];
  readonly integers: [string, number][] = [];
  readonly booleans: [string, boolean][] = [];

  constructor(pairs: readonly (readonly [string, unknown])[], name: string) {
    for (const [key, value] of pairs)
      if (value instanceof Dtype) this.dtypes.push([key, value.code]);
      else if (typeof value === 'boolean') this.booleans.push([key, value]);
      else if (typeof value === 'number' && value === (value | 0)) this.integers.push([key, value]);
      else
        throw new TypeError(
          `[${name}] The template argument ${key} must be a Dtype, an integer of 32 bits or a ` +
            `boolean, but got ${describe(value)}.`,
        );
  }
}

const outputs = {
  outputShapes: list,
  outputDtypes: listOf(dtype, 'a list of dtypes'),
};

function readShapes(shapes: readonly unknown[], name: string): (readonly number[])[] {
  return shapes.map((shape) => shapeList(shape, name));
}

function codesOf(dtypes: readonly Dtype[]): DtypeCode[] {
  return dtypes.map(({ code }) => code);
}

const initValue = optional(nullable(number), null);

function callable(handle: object, name: string): CustomKernel {
  const read = parameters(name, {
    inputs: list,
    grid: size,
    threadgroup: size,
    ...outputs,
    template: optional(template, []),
    initValue,
    verbose: optional(boolean, false),
  });
  return (...values: unknown[]) => {
    const given = read(values);
    const args = new TemplateArguments(given.template, name);
    const inputs = toArrays(given.inputs, name);
    const shapes = readShapes(given.outputShapes, name);
    return within(name, () =>
      callMany(
        native.runCustomKernel,
        given.stream,
        handle,
        idsOf(inputs),
        shapes,
        codesOf(given.outputDtypes),
        given.grid,
        given.threadgroup,
        args.dtypes,
        args.integers,
        args.booleans,
        given.initValue ?? undefined,
        given.verbose,
      ),
    ) as MLXArray[];
  };
}

const kernelOptions = {
  name: string,
  inputNames: names,
  outputNames: names,
  source: string,
  header: optional(string, ''),
  ensureRowContiguous: optional(boolean, true),
};

const mathModes = ['safe', 'relaxed', 'fast'] as const;
const readMetalKernel = reader('fast.metalKernel', {
  ...kernelOptions,
  atomicOutputs: optional(boolean, false),
  mathMode: optional(choice(...mathModes), 'safe'),
});

/**
 * A kernel of one's own from a text in Metal's language, which runs on every GPU: compiled by Metal
 * on a Mac, and elsewhere by the GPU's own compiler with what Metal's language has built in.
 *
 * `source` is the body of the kernel's function. Its parameters are made: each input is a
 * `const device T*` of its dtype (a number, without axes, is that number), each output a
 * `device T*`; the attributes of Metal's language, such as `thread_position_in_grid`, and for an
 * input `x` also `x_shape`, `x_strides` and `x_ndim` are there where they are mentioned. It is
 * compiled when it is first computed for the dtypes and template arguments it is called with; what
 * the compiler has to say is then an EngineError.
 *
 * The kernel has no derivative: {@link customFunction} gives it one. EngineError where there is no
 * GPU.
 *
 * @param options - the name, the names of inputs and outputs, the source, and how it is compiled.
 *
 * @example
 * ```ts
 * if (mx.isAvailable(mx.gpu)) {
 *   const exp = mx.fast.metalKernel({
 *     name: 'my_exp',
 *     inputNames: ['x'],
 *     outputNames: ['y'],
 *     source: `
 *       uint i = thread_position_in_grid.x;
 *       y[i] = metal::exp(T(x[i]));`,
 *   });
 *   const x = mx.array([0, 1, 2]);
 *   const [y] = exp({
 *     inputs: [x],
 *     template: { T: mx.float32 },
 *     grid: [x.size, 1, 1],
 *     threadgroup: [256, 1, 1],
 *     outputShapes: [x.shape],
 *     outputDtypes: [x.dtype],
 *   });
 *   console.log(mx.allclose(y!, mx.exp(x)).item());
 * }
 * ```
 */
export function metalKernel(options: MetalKernelOptions): CustomKernel;
export function metalKernel(...values: unknown[]): CustomKernel {
  const given = readMetalKernel(values);
  const handle = within('fast.metalKernel', () =>
    callNative(
      native.fastMetalKernel,
      given.name,
      given.inputNames,
      given.outputNames,
      given.source,
      given.header,
      given.ensureRowContiguous,
      given.atomicOutputs,
      mathModes.indexOf(given.mathMode),
    ),
  );
  return callable(handle, 'fast.metalKernel');
}

const readCudaKernel = reader('fast.cudaKernel', {
  ...kernelOptions,
  sharedMemory: optional(nonNegativeInteger, 0),
});

/**
 * A kernel of one's own from a text in CUDA, for NVIDIA GPUs alone. `source` is the body of the
 * kernel's function: each input is a `const T*`, each output a `T*`, and `x_shape`, `x_strides` and
 * `x_ndim` are there where they are mentioned. The grid counts threads, as for
 * {@link metalKernel}; groups are whole, so the source looks itself where the grid ends. Halves
 * need CUDA's headers, which are looked for in CUDA_HOME and beside the compiler. EngineError where
 * there is no NVIDIA GPU.
 *
 * @param options - the name, the names of inputs and outputs, the source, and how it is compiled.
 *
 * @example
 * ```ts
 * if (mx.cuda.isAvailable()) {
 *   const double = mx.fast.cudaKernel({
 *     name: 'twice',
 *     inputNames: ['x'],
 *     outputNames: ['y'],
 *     source: 'int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < 3) y[i] = 2 * x[i];',
 *   });
 *   const [y] = double({
 *     inputs: [mx.array([1, 2, 3])],
 *     grid: [3, 1, 1],
 *     threadgroup: [32, 1, 1],
 *     outputShapes: [[3]],
 *     outputDtypes: [mx.float32],
 *   });
 *   console.log(y!.tolist());
 * }
 * ```
 */
export function cudaKernel(options: CudaKernelOptions): CustomKernel;
export function cudaKernel(...values: unknown[]): CustomKernel {
  const given = readCudaKernel(values);
  const handle = within('fast.cudaKernel', () =>
    callNative(
      native.fastCudaKernel,
      given.name,
      given.inputNames,
      given.outputNames,
      given.source,
      given.header,
      given.ensureRowContiguous,
      given.sharedMemory,
    ),
  );
  return callable(handle, 'fast.cudaKernel');
}

/** A number that a compiled kernel gets by value: an `int`, a `bool`, or a `float` of any value. */
export type KernelScalar = number | boolean | { readonly float: number };

const scalarKinds = { bool: 0, int: 1, float: 2 } as const;

function readScalar(value: unknown, name: string): [number, number] {
  if (typeof value === 'boolean') return [scalarKinds.bool, Number(value)];
  if (typeof value === 'number')
    return [value === (value | 0) ? scalarKinds.int : scalarKinds.float, value];
  const float: unknown =
    typeof value === 'object' && value !== null && 'float' in value && value.float;
  if (typeof float === 'number') return [scalarKinds.float, float];
  throw new TypeError(
    `[${name}] A scalar must be a number, a boolean or { float: number }, but got ` +
      `${describe(value)}.`,
  );
}

const binary: Kind<Uint8Array> = {
  text: 'a Uint8Array',
  fits: (value) => value instanceof Uint8Array,
};
const readPrecompiled = parameters('fast.precompiledCudaKernel', {
  name: string,
  compiledSource: binary,
  inputs: list,
  ...outputs,
  scalars: list,
  grid: size,
  threadgroup: size,
  sharedMemory: optional(nonNegativeInteger, 0),
  initValue,
  ensureRowContiguous: optional(boolean, false),
});

/** Options of {@link precompiledCudaKernel}. */
export interface PrecompiledCudaKernelOptions extends StreamOptions {
  /** The function in the compiled kernel. */
  name: string;
  /** PTX or a binary (cubin), in bytes. */
  compiledSource: Uint8Array;
  /** The arrays that the kernel reads: its first parameters. */
  inputs: readonly ArrayLike[];
  /** The shapes of the outputs, which are its next parameters. */
  outputShapes: readonly (readonly number[])[];
  /** The dtypes of the outputs. */
  outputDtypes: readonly Dtype[];
  /** Its last parameters, by value: integers are `int`, other numbers `float`. */
  scalars: readonly KernelScalar[];
  /** How many threads there are in each of three dimensions. */
  grid: Size3;
  /** How many threads a group has in each dimension. */
  threadgroup: Size3;
  /** Bytes of dynamic shared memory of a group; default: 0. */
  sharedMemory?: number | undefined;
  /** What the outputs hold before the kernel runs; default: anything. */
  initValue?: number | null | undefined;
  /** Whether inputs that are not row-contiguous are copied before; default: false. */
  ensureRowContiguous?: boolean | undefined;
}

/**
 * Runs a compiled CUDA kernel, PTX or cubin, on an NVIDIA GPU. Its parameters are the inputs and
 * outputs as pointers, then the scalars by value. EngineError where there is no NVIDIA GPU.
 *
 * @param options - the compiled kernel, its function's name, arrays, scalars and sizes.
 *
 * @example
 * ```ts
 * if (mx.cuda.isAvailable()) {
 *   const compiledSource = new TextEncoder().encode('.version 8.0 ...');
 *   const run = () =>
 *     mx.fast.precompiledCudaKernel({
 *       name: 'twice',
 *       compiledSource,
 *       inputs: [mx.array([1, 2, 3])],
 *       outputShapes: [[3]],
 *       outputDtypes: [mx.float32],
 *       scalars: [3],
 *       grid: [3, 1, 1],
 *       threadgroup: [32, 1, 1],
 *     });
 *   console.log(typeof run); // a whole kernel would be run
 * }
 * ```
 */
export function precompiledCudaKernel(options: PrecompiledCudaKernelOptions): MLXArray[];
/**
 * The same with its settings one after the other.
 *
 * @param name - the function in the compiled kernel.
 * @param compiledSource - PTX or a binary (cubin), in bytes.
 * @param inputs - the arrays that the kernel reads: its first parameters.
 * @param outputShapes - the shapes of the outputs, which are its next parameters.
 * @param outputDtypes - the dtypes of the outputs.
 * @param scalars - its last parameters, by value: integers are `int`, other numbers `float`.
 * @param grid - how many threads there are in each of three dimensions.
 * @param threadgroup - how many threads a group has in each dimension.
 * @param sharedMemory - bytes of dynamic shared memory of a group; default: 0.
 * @param initValue - what the outputs hold before the kernel runs; default: anything.
 * @param ensureRowContiguous - whether inputs that are not row-contiguous are copied before;
 *   default: false.
 */
export function precompiledCudaKernel(
  name: string,
  compiledSource: Uint8Array,
  inputs: readonly ArrayLike[],
  outputShapes: readonly (readonly number[])[],
  outputDtypes: readonly Dtype[],
  scalars: readonly KernelScalar[],
  grid: Size3,
  threadgroup: Size3,
  sharedMemory?: number,
  initValue?: number | null,
  ensureRowContiguous?: boolean,
  stream?: StreamOptions['stream'],
): MLXArray[];
export function precompiledCudaKernel(...values: unknown[]): MLXArray[] {
  const name = 'fast.precompiledCudaKernel';
  const given = readPrecompiled(values);
  const scalars = given.scalars.map((one) => readScalar(one, name));
  const inputs = toArrays(given.inputs, name);
  const shapes = readShapes(given.outputShapes, name);
  return callMany(
    native.fastPrecompiledCudaKernel,
    given.stream,
    given.name,
    given.compiledSource,
    idsOf(inputs),
    shapes,
    codesOf(given.outputDtypes),
    scalars,
    given.grid,
    given.threadgroup,
    given.sharedMemory,
    given.initValue ?? undefined,
    given.ensureRowContiguous,
  ) as MLXArray[];
}
