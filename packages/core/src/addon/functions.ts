// Written by native/scripts/declare-functions.mjs from the addon's C++ signatures.

import type { ErrorRecord } from '../errors/errors';
import type { ArrayId, DtypeCode, NativeFunction, Operation, StreamCode } from './types';

/** The addon's functions. */
export interface NativeFunctions {
  readonly fromBytes: NativeFunction<
    [object, Uint8Array, readonly number[], DtypeCode, DtypeCode],
    ArrayId
  >;
  readonly read: NativeFunction<[ArrayId, Uint8Array], true>;
  readonly item: NativeFunction<[ArrayId], boolean | number | bigint | [number, number]>;
  readonly setCollector: NativeFunction<[(options?: { type: 'minor' }) => void], true>;
  readonly scalarBuffer: NativeFunction<[], ArrayBuffer>;
  readonly takeError: NativeFunction<[], ErrorRecord>;
  readonly attach: NativeFunction<[ArrayId, object], true>;
  readonly share: NativeFunction<[object, ArrayId], ArrayId>;
  readonly assign: NativeFunction<[ArrayId, ArrayId], true>;
  readonly move: NativeFunction<[ArrayId, ArrayId], true>;
  readonly release: NativeFunction<[readonly ArrayId[]], true>;
  readonly isReleased: NativeFunction<[ArrayId], boolean>;
  readonly openScope: NativeFunction<[number], number>;
  readonly setScope: NativeFunction<[number], true>;
  readonly closeScope: NativeFunction<[number, readonly ArrayId[]], true>;
  readonly liveCount: NativeFunction<[], number>;
  readonly collect: NativeFunction<[], boolean>;
  readonly collections: NativeFunction<[], number>;
  readonly shape: NativeFunction<[ArrayId], number[]>;
  readonly dtype: NativeFunction<[ArrayId], DtypeCode>;
  readonly ndim: NativeFunction<[ArrayId], number>;
  readonly size: NativeFunction<[ArrayId], number>;
  readonly print: NativeFunction<[ArrayId], string>;
  readonly setPrintPrecision: NativeFunction<[number], true>;
  readonly printPrecision: NativeFunction<[], number>;
  readonly nodeId: NativeFunction<[ArrayId], number>;
  readonly isAlike: NativeFunction<[ArrayId, ArrayId], boolean>;
  readonly dtypes: NativeFunction<[], [string, number, string][]>;
  readonly finfo: NativeFunction<[DtypeCode], [DtypeCode, number, number]>;
  readonly promoteTypes: NativeFunction<[DtypeCode, DtypeCode], DtypeCode>;
  readonly eval: NativeFunction<[readonly ArrayId[]], true>;
  readonly asyncEval: NativeFunction<[readonly ArrayId[]], true>;
  readonly whenDone: NativeFunction<[readonly ArrayId[], (error?: ErrorRecord) => void], boolean>;
  readonly watchForTermination: NativeFunction<[], true>;
  readonly inTracing: NativeFunction<[], boolean>;
  readonly inAbstractTracing: NativeFunction<[], boolean>;
  readonly valueAndGrad: NativeFunction<
    [(...values: [ArrayId[]]) => readonly ArrayId[], readonly ArrayId[], readonly number[]],
    ArrayId[]
  >;
  readonly vjp: NativeFunction<
    [(...values: [ArrayId[]]) => readonly ArrayId[], readonly ArrayId[], readonly ArrayId[]],
    ArrayId[]
  >;
  readonly jvp: NativeFunction<
    [(...values: [ArrayId[]]) => readonly ArrayId[], readonly ArrayId[], readonly ArrayId[]],
    ArrayId[]
  >;
  readonly vmap: NativeFunction<
    [
      (...values: [ArrayId[]]) => [readonly ArrayId[], readonly number[]],
      readonly ArrayId[],
      readonly number[],
    ],
    ArrayId[]
  >;
  readonly callCustom: NativeFunction<
    [
      (...values: [ArrayId[]]) => readonly ArrayId[],
      ((...values: [ArrayId[], ArrayId[], ArrayId[]]) => readonly ArrayId[]) | null | undefined,
      ((...values: [ArrayId[], ArrayId[], number[]]) => readonly ArrayId[]) | null | undefined,
      (
        | ((...values: [ArrayId[], number[]]) => [readonly ArrayId[], readonly number[]])
        | null
        | undefined
      ),
      readonly ArrayId[],
    ],
    ArrayId[]
  >;
  readonly callCheckpointed: NativeFunction<
    [(...values: [ArrayId[]]) => readonly ArrayId[], readonly ArrayId[]],
    ArrayId[]
  >;
  readonly compileNewId: NativeFunction<[], number>;
  readonly callCompiled: NativeFunction<
    [(...values: [ArrayId[]]) => readonly ArrayId[], number, boolean, string, readonly ArrayId[]],
    [number, ArrayId[], number[]]
  >;
  readonly ownCompiled: NativeFunction<[object, number], number>;
  readonly countTraces: NativeFunction<[number, number], true>;
  readonly compileIsDisabled: NativeFunction<[], boolean>;
  readonly disableCompile: NativeFunction<[], true>;
  readonly enableCompile: NativeFunction<[], true>;
  readonly openExporter: NativeFunction<[string, boolean, string | null | undefined], number>;
  readonly addTrace: NativeFunction<
    [(...values: [ArrayId[]]) => readonly ArrayId[], number, readonly ArrayId[], readonly string[]],
    true
  >;
  readonly closeExporter: NativeFunction<[number], true>;
  readonly forgetExporter: NativeFunction<[number], true>;
  readonly tellTrace: NativeFunction<
    [
      (...values: [ArrayId[]]) => readonly ArrayId[],
      (
        ...values: [
          [
            string,
            (
              | [string, number[], DtypeCode][]
              | [string, ArrayId][]
              | [string, string][]
              | ([false, boolean | number | string | number[]] | [true, DtypeCode])[]
              | string
            ),
          ][],
        ]
      ) => void,
      readonly ArrayId[],
      readonly string[],
      boolean,
    ],
    true
  >;
  readonly importFunction: NativeFunction<[string], [number, string | null]>;
  readonly ownImported: NativeFunction<[object, number, string], true>;
  readonly callImported: NativeFunction<[number, readonly ArrayId[], readonly string[]], ArrayId[]>;
  readonly exportToDot: NativeFunction<[string, readonly ArrayId[], readonly string[]], true>;
  readonly abs: Operation<[ArrayId]>;
  readonly negative: Operation<[ArrayId]>;
  readonly positive: Operation<[ArrayId]>;
  readonly sign: Operation<[ArrayId]>;
  readonly floor: Operation<[ArrayId]>;
  readonly ceil: Operation<[ArrayId]>;
  readonly trunc: Operation<[ArrayId]>;
  readonly square: Operation<[ArrayId]>;
  readonly sqrt: Operation<[ArrayId]>;
  readonly rsqrt: Operation<[ArrayId]>;
  readonly reciprocal: Operation<[ArrayId]>;
  readonly exp: Operation<[ArrayId]>;
  readonly expm1: Operation<[ArrayId]>;
  readonly log: Operation<[ArrayId]>;
  readonly log2: Operation<[ArrayId]>;
  readonly log10: Operation<[ArrayId]>;
  readonly log1p: Operation<[ArrayId]>;
  readonly sigmoid: Operation<[ArrayId]>;
  readonly erf: Operation<[ArrayId]>;
  readonly erfinv: Operation<[ArrayId]>;
  readonly sin: Operation<[ArrayId]>;
  readonly cos: Operation<[ArrayId]>;
  readonly tan: Operation<[ArrayId]>;
  readonly arcsin: Operation<[ArrayId]>;
  readonly arccos: Operation<[ArrayId]>;
  readonly arctan: Operation<[ArrayId]>;
  readonly sinh: Operation<[ArrayId]>;
  readonly cosh: Operation<[ArrayId]>;
  readonly tanh: Operation<[ArrayId]>;
  readonly arcsinh: Operation<[ArrayId]>;
  readonly arccosh: Operation<[ArrayId]>;
  readonly arctanh: Operation<[ArrayId]>;
  readonly degrees: Operation<[ArrayId]>;
  readonly radians: Operation<[ArrayId]>;
  readonly conjugate: Operation<[ArrayId]>;
  readonly real: Operation<[ArrayId]>;
  readonly imag: Operation<[ArrayId]>;
  readonly isnan: Operation<[ArrayId]>;
  readonly isinf: Operation<[ArrayId]>;
  readonly isfinite: Operation<[ArrayId]>;
  readonly isposinf: Operation<[ArrayId]>;
  readonly isneginf: Operation<[ArrayId]>;
  readonly logicalNot: Operation<[ArrayId]>;
  readonly bitwiseInvert: Operation<[ArrayId]>;
  readonly stopGradient: Operation<[ArrayId]>;
  readonly add: Operation<[ArrayId, ArrayId]>;
  readonly subtract: Operation<[ArrayId, ArrayId]>;
  readonly multiply: Operation<[ArrayId, ArrayId]>;
  readonly divide: Operation<[ArrayId, ArrayId]>;
  readonly floorDivide: Operation<[ArrayId, ArrayId]>;
  readonly remainder: Operation<[ArrayId, ArrayId]>;
  readonly power: Operation<[ArrayId, ArrayId]>;
  readonly maximum: Operation<[ArrayId, ArrayId]>;
  readonly minimum: Operation<[ArrayId, ArrayId]>;
  readonly logaddexp: Operation<[ArrayId, ArrayId]>;
  readonly arctan2: Operation<[ArrayId, ArrayId]>;
  readonly equal: Operation<[ArrayId, ArrayId]>;
  readonly notEqual: Operation<[ArrayId, ArrayId]>;
  readonly less: Operation<[ArrayId, ArrayId]>;
  readonly lessEqual: Operation<[ArrayId, ArrayId]>;
  readonly greater: Operation<[ArrayId, ArrayId]>;
  readonly greaterEqual: Operation<[ArrayId, ArrayId]>;
  readonly logicalAnd: Operation<[ArrayId, ArrayId]>;
  readonly logicalOr: Operation<[ArrayId, ArrayId]>;
  readonly logicalXor: Operation<[ArrayId, ArrayId]>;
  readonly bitwiseAnd: Operation<[ArrayId, ArrayId]>;
  readonly bitwiseOr: Operation<[ArrayId, ArrayId]>;
  readonly bitwiseXor: Operation<[ArrayId, ArrayId]>;
  readonly leftShift: Operation<[ArrayId, ArrayId]>;
  readonly rightShift: Operation<[ArrayId, ArrayId]>;
  readonly divmod: NativeFunction<[ArrayId, ArrayId, StreamCode | undefined], ArrayId[]>;
  readonly astype: Operation<[ArrayId, DtypeCode]>;
  readonly round: Operation<[ArrayId, number]>;
  readonly nanToNum: Operation<
    [ArrayId, number, number | null | undefined, number | null | undefined]
  >;
  readonly where: Operation<[ArrayId, ArrayId, ArrayId]>;
  readonly clip: Operation<[ArrayId, ArrayId | null | undefined, ArrayId | null | undefined]>;
  readonly isclose: Operation<[ArrayId, ArrayId, number, number, boolean]>;
  readonly allclose: Operation<[ArrayId, ArrayId, number, number, boolean]>;
  readonly arrayEqual: Operation<[ArrayId, ArrayId, boolean]>;
  readonly blackman: Operation<[number]>;
  readonly hamming: Operation<[number]>;
  readonly hanning: Operation<[number]>;
  readonly bartlett: Operation<[number]>;
  readonly arange: Operation<[number, number, number, DtypeCode]>;
  readonly linspace: Operation<[number, number, number, DtypeCode]>;
  readonly full: Operation<[readonly number[], ArrayId, DtypeCode | null | undefined]>;
  readonly zeros: Operation<[readonly number[], DtypeCode]>;
  readonly ones: Operation<[readonly number[], DtypeCode]>;
  readonly eye: Operation<[number, number, number, DtypeCode]>;
  readonly tri: Operation<[number, number, number, DtypeCode]>;
  readonly tril: Operation<[ArrayId, number]>;
  readonly triu: Operation<[ArrayId, number]>;
  readonly copy: Operation<[ArrayId]>;
  readonly contiguous: Operation<[ArrayId, boolean]>;
  readonly reshape: Operation<[ArrayId, readonly number[]]>;
  readonly unflatten: Operation<[ArrayId, number, readonly number[]]>;
  readonly flatten: Operation<[ArrayId, number, number]>;
  readonly squeeze: Operation<[ArrayId, readonly number[] | null | undefined]>;
  readonly expandDims: Operation<[ArrayId, readonly number[]]>;
  readonly atleast1d: Operation<[ArrayId]>;
  readonly atleast2d: Operation<[ArrayId]>;
  readonly atleast3d: Operation<[ArrayId]>;
  readonly view: Operation<[ArrayId, DtypeCode]>;
  readonly transpose: Operation<[ArrayId, readonly number[] | null | undefined]>;
  readonly swapaxes: Operation<[ArrayId, number, number]>;
  readonly moveaxis: Operation<[ArrayId, number, number]>;
  readonly flip: Operation<[ArrayId, readonly number[] | null | undefined]>;
  readonly broadcastTo: Operation<[ArrayId, readonly number[]]>;
  readonly broadcastShapes: NativeFunction<[readonly number[], readonly number[]], number[]>;
  readonly broadcastArrays: NativeFunction<[readonly ArrayId[], StreamCode | undefined], ArrayId[]>;
  readonly meshgrid: NativeFunction<
    [readonly ArrayId[], boolean, string, StreamCode | undefined],
    ArrayId[]
  >;
  readonly slice: Operation<[ArrayId, readonly number[], readonly number[], readonly number[]]>;
  readonly dynamicSlice: Operation<[ArrayId, ArrayId, readonly number[], readonly number[]]>;
  readonly sliceUpdate: Operation<
    [ArrayId, ArrayId, readonly number[], readonly number[], readonly number[]]
  >;
  readonly dynamicSliceUpdate: Operation<[ArrayId, ArrayId, ArrayId, readonly number[]]>;
  readonly splitParts: NativeFunction<[ArrayId, number, number, StreamCode | undefined], ArrayId[]>;
  readonly splitAt: NativeFunction<
    [ArrayId, readonly number[], number, StreamCode | undefined],
    ArrayId[]
  >;
  readonly unstack: NativeFunction<[ArrayId, number, StreamCode | undefined], ArrayId[]>;
  readonly diagonal: Operation<[ArrayId, number, number, number]>;
  readonly diag: Operation<[ArrayId, number]>;
  readonly trace: Operation<[ArrayId, number, number, number, DtypeCode | null | undefined]>;
  readonly asStrided: Operation<[ArrayId, readonly number[], readonly number[], number]>;
  readonly concatenate: Operation<[readonly ArrayId[], number]>;
  readonly stack: Operation<[readonly ArrayId[], number]>;
  readonly repeat: Operation<[ArrayId, number, number | null | undefined]>;
  readonly tile: Operation<[ArrayId, readonly number[]]>;
  readonly roll: Operation<[ArrayId, readonly number[], readonly number[] | null | undefined]>;
  readonly pad: Operation<
    [ArrayId, readonly number[], readonly number[], readonly number[], ArrayId, string]
  >;
  readonly depends: NativeFunction<[readonly ArrayId[], readonly ArrayId[]], ArrayId[]>;
  readonly take: Operation<[ArrayId, ArrayId, number | null | undefined]>;
  readonly takeAlongAxis: Operation<[ArrayId, ArrayId, number]>;
  readonly putAlongAxis: Operation<[ArrayId, ArrayId, ArrayId, number]>;
  readonly gather: Operation<[ArrayId, readonly ArrayId[], readonly number[], readonly number[]]>;
  readonly scatter: Operation<[ArrayId, readonly ArrayId[], ArrayId, readonly number[]]>;
  readonly scatterAdd: Operation<[ArrayId, readonly ArrayId[], ArrayId, readonly number[]]>;
  readonly scatterMultiply: Operation<[ArrayId, readonly ArrayId[], ArrayId, readonly number[]]>;
  readonly scatterMaximum: Operation<[ArrayId, readonly ArrayId[], ArrayId, readonly number[]]>;
  readonly scatterMinimum: Operation<[ArrayId, readonly ArrayId[], ArrayId, readonly number[]]>;
  readonly all: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly any: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly sum: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly prod: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly max: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly min: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly mean: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly median: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly countNonzero: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly logsumexp: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly logsumexpParts: NativeFunction<[ArrayId, number, StreamCode | undefined], ArrayId[]>;
  readonly var: Operation<[ArrayId, readonly number[] | null | undefined, boolean, number]>;
  readonly std: Operation<[ArrayId, readonly number[] | null | undefined, boolean, number]>;
  readonly argmax: Operation<[ArrayId, number | null | undefined, boolean]>;
  readonly argmin: Operation<[ArrayId, number | null | undefined, boolean]>;
  readonly cumsum: Operation<[ArrayId, number | null | undefined, boolean, boolean]>;
  readonly cumprod: Operation<[ArrayId, number | null | undefined, boolean, boolean]>;
  readonly cummax: Operation<[ArrayId, number | null | undefined, boolean, boolean]>;
  readonly cummin: Operation<[ArrayId, number | null | undefined, boolean, boolean]>;
  readonly logcumsumexp: Operation<[ArrayId, number | null | undefined, boolean, boolean]>;
  readonly diff: Operation<[ArrayId, number, number]>;
  readonly softmax: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly matmul: Operation<[ArrayId, ArrayId]>;
  readonly outer: Operation<[ArrayId, ArrayId]>;
  readonly inner: Operation<[ArrayId, ArrayId]>;
  readonly addmm: Operation<[ArrayId, ArrayId, ArrayId, number, number]>;
  readonly tensordot: Operation<[ArrayId, ArrayId, readonly number[], readonly number[]]>;
  readonly kron: Operation<[ArrayId, ArrayId]>;
  readonly vecdot: Operation<[ArrayId, ArrayId, number]>;
  readonly einsum: Operation<[string, readonly ArrayId[]]>;
  readonly einsumPath: NativeFunction<[string, readonly ArrayId[]], [number[][], string]>;
  readonly gatherMm: Operation<
    [ArrayId, ArrayId, ArrayId | null | undefined, ArrayId | null | undefined, boolean]
  >;
  readonly segmentedMm: Operation<[ArrayId, ArrayId, ArrayId]>;
  readonly blockMaskedMm: Operation<
    [
      ArrayId,
      ArrayId,
      number,
      ArrayId | null | undefined,
      ArrayId | null | undefined,
      ArrayId | null | undefined,
    ]
  >;
  readonly conv1d: Operation<
    [ArrayId, ArrayId, readonly number[], readonly number[], readonly number[], number]
  >;
  readonly conv2d: Operation<
    [ArrayId, ArrayId, readonly number[], readonly number[], readonly number[], number]
  >;
  readonly conv3d: Operation<
    [ArrayId, ArrayId, readonly number[], readonly number[], readonly number[], number]
  >;
  readonly convGeneral: Operation<
    [
      ArrayId,
      ArrayId,
      readonly number[],
      readonly number[],
      readonly number[],
      readonly number[],
      readonly number[],
      number,
      boolean,
    ]
  >;
  readonly convTranspose1d: Operation<
    [
      ArrayId,
      ArrayId,
      readonly number[],
      readonly number[],
      readonly number[],
      readonly number[],
      number,
    ]
  >;
  readonly convTranspose2d: Operation<
    [
      ArrayId,
      ArrayId,
      readonly number[],
      readonly number[],
      readonly number[],
      readonly number[],
      number,
    ]
  >;
  readonly convTranspose3d: Operation<
    [
      ArrayId,
      ArrayId,
      readonly number[],
      readonly number[],
      readonly number[],
      readonly number[],
      number,
    ]
  >;
  readonly convolve: Operation<[ArrayId, ArrayId, string]>;
  readonly fastRmsNorm: Operation<[ArrayId, ArrayId | null | undefined, number]>;
  readonly fastLayerNorm: Operation<
    [ArrayId, ArrayId | null | undefined, ArrayId | null | undefined, number]
  >;
  readonly fastRope: Operation<
    [
      ArrayId,
      number,
      boolean,
      number | null | undefined,
      number,
      ArrayId,
      ArrayId | null | undefined,
    ]
  >;
  readonly fastScaledDotProductAttention: Operation<
    [
      ArrayId,
      ArrayId,
      ArrayId,
      number,
      string,
      ArrayId | null | undefined,
      ArrayId | null | undefined,
    ]
  >;
  readonly fastMetalKernel: NativeFunction<
    [string, readonly string[], readonly string[], string, string, boolean, boolean, number],
    object
  >;
  readonly fastCudaKernel: NativeFunction<
    [string, readonly string[], readonly string[], string, string, boolean, number],
    object
  >;
  readonly runCustomKernel: NativeFunction<
    [
      object,
      readonly ArrayId[],
      readonly (readonly number[])[],
      readonly DtypeCode[],
      readonly number[],
      readonly number[],
      readonly [string, DtypeCode][],
      readonly [string, number][],
      readonly [string, boolean][],
      number | null | undefined,
      boolean,
      StreamCode | undefined,
    ],
    ArrayId[]
  >;
  readonly fastPrecompiledCudaKernel: NativeFunction<
    [
      string,
      Uint8Array,
      readonly ArrayId[],
      readonly (readonly number[])[],
      readonly DtypeCode[],
      readonly [number, number][],
      readonly number[],
      readonly number[],
      number,
      number | null | undefined,
      boolean,
      StreamCode | undefined,
    ],
    ArrayId[]
  >;
  readonly fftFft: Operation<[ArrayId, number | null | undefined, number, number]>;
  readonly fftIfft: Operation<[ArrayId, number | null | undefined, number, number]>;
  readonly fftRfft: Operation<[ArrayId, number | null | undefined, number, number]>;
  readonly fftIrfft: Operation<[ArrayId, number | null | undefined, number, number]>;
  readonly fftFftn: Operation<
    [ArrayId, readonly number[] | null | undefined, readonly number[] | null | undefined, number]
  >;
  readonly fftIfftn: Operation<
    [ArrayId, readonly number[] | null | undefined, readonly number[] | null | undefined, number]
  >;
  readonly fftRfftn: Operation<
    [ArrayId, readonly number[] | null | undefined, readonly number[] | null | undefined, number]
  >;
  readonly fftIrfftn: Operation<
    [ArrayId, readonly number[] | null | undefined, readonly number[] | null | undefined, number]
  >;
  readonly fftFftshift: Operation<[ArrayId, readonly number[] | null | undefined]>;
  readonly fftIfftshift: Operation<[ArrayId, readonly number[] | null | undefined]>;
  readonly fftFftfreq: Operation<[number, number]>;
  readonly fftRfftfreq: Operation<[number, number]>;
  readonly linalgNorm: Operation<[ArrayId, readonly number[] | null | undefined, boolean]>;
  readonly linalgNormOfOrder: Operation<
    [ArrayId, number, readonly number[] | null | undefined, boolean]
  >;
  readonly linalgNormByName: Operation<
    [ArrayId, string, readonly number[] | null | undefined, boolean]
  >;
  readonly linalgCross: Operation<[ArrayId, ArrayId, number]>;
  readonly linalgInv: Operation<[ArrayId]>;
  readonly linalgPinv: Operation<[ArrayId]>;
  readonly linalgDet: Operation<[ArrayId]>;
  readonly linalgEigvals: Operation<[ArrayId]>;
  readonly linalgSolve: Operation<[ArrayId, ArrayId]>;
  readonly linalgTriInv: Operation<[ArrayId, boolean]>;
  readonly linalgCholesky: Operation<[ArrayId, boolean]>;
  readonly linalgCholeskyInv: Operation<[ArrayId, boolean]>;
  readonly linalgSolveTriangular: Operation<[ArrayId, ArrayId, boolean]>;
  readonly linalgSlogdet: NativeFunction<[ArrayId, StreamCode | undefined], [ArrayId, ArrayId]>;
  readonly linalgLu: NativeFunction<[ArrayId, StreamCode | undefined], ArrayId[]>;
  readonly linalgLuFactor: NativeFunction<[ArrayId, StreamCode | undefined], [ArrayId, ArrayId]>;
  readonly linalgQr: NativeFunction<[ArrayId, StreamCode | undefined], [ArrayId, ArrayId]>;
  readonly linalgSvd: NativeFunction<[ArrayId, boolean, StreamCode | undefined], ArrayId[]>;
  readonly linalgEig: NativeFunction<[ArrayId, StreamCode | undefined], [ArrayId, ArrayId]>;
  readonly linalgEigh: NativeFunction<
    [ArrayId, string, StreamCode | undefined],
    [ArrayId, ArrayId]
  >;
  readonly linalgEigvalsh: Operation<[ArrayId, string]>;
  readonly quantize: NativeFunction<
    [
      ArrayId,
      number | null | undefined,
      number | null | undefined,
      string,
      ArrayId | null | undefined,
      StreamCode | undefined,
    ],
    ArrayId[]
  >;
  readonly dequantize: Operation<
    [
      ArrayId,
      ArrayId,
      ArrayId | null | undefined,
      number | null | undefined,
      number | null | undefined,
      string,
      ArrayId | null | undefined,
      DtypeCode | null | undefined,
    ]
  >;
  readonly quantizedMatmul: Operation<
    [
      ArrayId,
      ArrayId,
      ArrayId,
      ArrayId | null | undefined,
      boolean,
      number | null | undefined,
      number | null | undefined,
      string,
    ]
  >;
  readonly gatherQmm: Operation<
    [
      ArrayId,
      ArrayId,
      ArrayId,
      ArrayId | null | undefined,
      ArrayId | null | undefined,
      ArrayId | null | undefined,
      boolean,
      number | null | undefined,
      number | null | undefined,
      string,
      boolean,
    ]
  >;
  readonly qqmm: Operation<
    [
      ArrayId,
      ArrayId,
      ArrayId | null | undefined,
      number | null | undefined,
      number | null | undefined,
      string,
      ArrayId | null | undefined,
      ArrayId | null | undefined,
    ]
  >;
  readonly gatherQqmm: Operation<
    [
      ArrayId,
      ArrayId,
      ArrayId | null | undefined,
      ArrayId | null | undefined,
      ArrayId | null | undefined,
      number | null | undefined,
      number | null | undefined,
      string,
      ArrayId | null | undefined,
      ArrayId | null | undefined,
      boolean,
    ]
  >;
  readonly toFp8: Operation<[ArrayId]>;
  readonly fromFp8: Operation<[ArrayId, DtypeCode]>;
  readonly hadamardTransform: Operation<[ArrayId, number | null | undefined]>;
  readonly sort: Operation<[ArrayId, number | null | undefined]>;
  readonly argsort: Operation<[ArrayId, number | null | undefined]>;
  readonly partition: Operation<[ArrayId, number, number | null | undefined]>;
  readonly argpartition: Operation<[ArrayId, number, number | null | undefined]>;
  readonly topk: Operation<[ArrayId, number, number | null | undefined]>;
  readonly searchsorted: Operation<[ArrayId, ArrayId, string]>;
  readonly randomKey: NativeFunction<[object, number, number], ArrayId>;
  readonly randomSeed: NativeFunction<[number, number], true>;
  readonly randomState: NativeFunction<[object], ArrayId>;
  readonly randomSetState: NativeFunction<[ArrayId], true>;
  readonly randomSplit: Operation<[ArrayId, number]>;
  readonly randomUniform: Operation<
    [ArrayId, ArrayId, readonly number[], DtypeCode, ArrayId | null | undefined]
  >;
  readonly randomNormal: Operation<
    [
      readonly number[],
      DtypeCode,
      ArrayId | null | undefined,
      ArrayId | null | undefined,
      ArrayId | null | undefined,
    ]
  >;
  readonly randomMultivariateNormal: Operation<
    [ArrayId, ArrayId, readonly number[], DtypeCode, ArrayId | null | undefined]
  >;
  readonly randomRandint: Operation<
    [ArrayId, ArrayId, readonly number[], DtypeCode, ArrayId | null | undefined]
  >;
  readonly randomBernoulli: Operation<
    [ArrayId, readonly number[] | null | undefined, ArrayId | null | undefined]
  >;
  readonly randomTruncatedNormal: Operation<
    [ArrayId, ArrayId, readonly number[] | null | undefined, DtypeCode, ArrayId | null | undefined]
  >;
  readonly randomGumbel: Operation<[readonly number[], DtypeCode, ArrayId | null | undefined]>;
  readonly randomLaplace: Operation<
    [readonly number[], DtypeCode, number, number, ArrayId | null | undefined]
  >;
  readonly randomCategorical: Operation<
    [
      ArrayId,
      number,
      readonly number[] | null | undefined,
      number | null | undefined,
      ArrayId | null | undefined,
    ]
  >;
  readonly randomPermutation: Operation<[ArrayId, number, ArrayId | null | undefined]>;
  readonly randomPermutationOf: Operation<[number, ArrayId | null | undefined]>;
  readonly loadNpy: NativeFunction<[string | Uint8Array, StreamCode | undefined], ArrayId[]>;
  readonly saveNpy: NativeFunction<[string, ArrayId], true>;
  readonly loadNpz: NativeFunction<
    [string | Uint8Array, StreamCode | undefined],
    [string[], (ArrayId | string)[]]
  >;
  readonly saveNpz: NativeFunction<[string, readonly string[], readonly ArrayId[], boolean], true>;
  readonly loadSafetensors: NativeFunction<
    [string | Uint8Array, StreamCode | undefined],
    [string[], ArrayId[], string[], string[]]
  >;
  readonly saveSafetensors: NativeFunction<
    [string, readonly string[], readonly ArrayId[], readonly string[], readonly string[]],
    true
  >;
  readonly loadGguf: NativeFunction<
    [string | Uint8Array, StreamCode | undefined],
    [string[], ArrayId[], string[], (null | ArrayId | string | string[])[]]
  >;
  readonly saveGguf: NativeFunction<
    [
      string,
      readonly string[],
      readonly ArrayId[],
      readonly string[],
      readonly (null | ArrayId | string | readonly string[])[],
    ],
    true
  >;
  readonly deviceInfo: NativeFunction<[StreamCode | undefined], [string, string | number][]>;
  readonly defaultDevice: NativeFunction<[], [number, number]>;
  readonly setDefaultDevice: NativeFunction<[StreamCode | undefined], true>;
  readonly isDeviceAvailable: NativeFunction<[StreamCode | undefined], boolean>;
  readonly whyUnavailable: NativeFunction<[StreamCode | undefined], string>;
  readonly deviceCount: NativeFunction<[StreamCode | undefined], number>;
  readonly defaultStream: NativeFunction<[StreamCode | undefined], [StreamCode, number, number]>;
  readonly setDefaultStream: NativeFunction<[StreamCode | undefined], true>;
  readonly newStream: NativeFunction<[StreamCode | undefined], [StreamCode, number, number]>;
  readonly getStream: NativeFunction<[number], [StreamCode, number, number]>;
  readonly synchronize: NativeFunction<[StreamCode | undefined], true>;
  readonly clearStreams: NativeFunction<[], true>;
  readonly metalIsAvailable: NativeFunction<[], boolean>;
  readonly metalDeviceInfo: NativeFunction<[], [string, string | number][]>;
  readonly metalStartCapture: NativeFunction<[string], true>;
  readonly metalStopCapture: NativeFunction<[], true>;
  readonly cudaIsAvailable: NativeFunction<[], boolean>;
  readonly cudaDeviceInfo: NativeFunction<[], [string, string | number][]>;
  readonly getActiveMemory: NativeFunction<[StreamCode | undefined], number>;
  readonly getPeakMemory: NativeFunction<[StreamCode | undefined], number>;
  readonly resetPeakMemory: NativeFunction<[StreamCode | undefined], true>;
  readonly getCacheMemory: NativeFunction<[StreamCode | undefined], number>;
  readonly setMemoryLimit: NativeFunction<[number, StreamCode | undefined], number>;
  readonly hostMemoryLimit: NativeFunction<[], number>;
  readonly setCacheLimit: NativeFunction<[number, StreamCode | undefined], number>;
  readonly setWiredLimit: NativeFunction<[number], number>;
  readonly clearCache: NativeFunction<[StreamCode | undefined], true>;
  readonly distributedIsAvailable: NativeFunction<[string], boolean>;
  readonly distributedInit: NativeFunction<[boolean, string], number>;
  readonly distributedSetTimeout: NativeFunction<[number], true>;
  readonly distributedRank: NativeFunction<[number], number>;
  readonly distributedSize: NativeFunction<[number], number>;
  readonly distributedSplit: NativeFunction<[number, number, number], number>;
  readonly distributedAllSum: Operation<[ArrayId, number | null | undefined]>;
  readonly distributedAllMax: Operation<[ArrayId, number | null | undefined]>;
  readonly distributedAllMin: Operation<[ArrayId, number | null | undefined]>;
  readonly distributedAllGather: Operation<[ArrayId, number | null | undefined]>;
  readonly distributedSumScatter: Operation<[ArrayId, number | null | undefined]>;
  readonly distributedSend: Operation<[ArrayId, number, number | null | undefined]>;
  readonly distributedRecv: Operation<
    [readonly number[], DtypeCode, number, number | null | undefined]
  >;
  readonly distributedRecvLike: Operation<[ArrayId, number, number | null | undefined]>;
}

/** The names of those that are called as one of them is. */
export type OperationsLike<F> = {
  [Name in keyof NativeFunctions]: NativeFunctions[Name] extends F ? Name : never;
}[keyof NativeFunctions];
