import { native } from '../addon/native';
import type { ArrayId, DtypeCode } from '../addon/types';
import {
  boolean,
  callback,
  isPlainObject,
  nullable,
  optional,
  readKind,
  string,
  type Kind,
} from '../arguments/kinds';
import { toArray } from '../arguments/operands';
import { reader } from '../arguments/reader';
import type { ArrayLike } from '../arguments/types';
import { adoptAll, callNative, isArray, type MLXArray } from '../array/array';
import { dtypeFromCode, type Dtype } from '../dtypes/dtype';
import { checked, checkedFor } from '../errors/errors';
import { toPath, type FileUrl } from '../io/file';
import { idsOf, outputList } from './traced-call';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the arguments are the caller's
type ExportableFunction = (...args: any[]) => MLXArray | readonly MLXArray[];

/** Arrays by name, given as the last argument. */
export type KeywordArrays = Readonly<Record<string, ArrayLike>>;

/** Settings of an export. */
export interface ExportOptions {
  /** Whether the trace should hold for other sizes (false). */
  shapeless?: boolean;
  /** A text to keep in the file. */
  metadata?: string | null;
}

/** [name, shape, dtype] of a value in a trace. */
export type TracedValue = readonly [name: string, shape: number[], dtype: Dtype];

/** What export tells a callback of a trace, one record after another. */
export type ExportRecord =
  | { type: 'inputs'; inputs: TracedValue[] }
  | { type: 'keyword_inputs'; keywords: [argument: string, name: string][] }
  | { type: 'outputs'; outputs: TracedValue[] }
  | { type: 'constants'; constants: [name: string, value: MLXArray][] }
  | {
      type: 'primitive';
      name: string;
      inputs: TracedValue[];
      outputs: TracedValue[];
      arguments: unknown[];
    };

/** A function from a file. */
export interface ImportedFunction {
  (...args: (ArrayLike | KeywordArrays)[]): MLXArray[];
  /** The text that was kept in the file. */
  readonly metadata: string | null;
}

/** Adds a trace for each call. */
export interface Exporter extends Disposable {
  (...args: (ArrayLike | KeywordArrays)[]): void;
  /** Writes the file, in place of an older one. */
  close(): void;
}

const filePath: Kind<string> = {
  text: 'a path or a URL',
  fits: (value) =>
    typeof value === 'string' || (value as { href?: unknown } | null)?.href !== undefined,
  read: toPath,
};
const traceable = callback<ExportableFunction>();
const settings = {
  shapeless: optional(boolean, false),
  metadata: optional(nullable(string), null),
};
const readExporter = reader('exporter', { file: filePath, fun: traceable, ...settings });
const readFunction = reader('exportFunction', { fun: traceable });
const readSettings = reader('exportFunction', settings);
const readImport = reader('importFunction', { file: filePath });

/** Whether the last argument holds options, and not arrays by name. */
function isOptions(value: unknown): value is ExportOptions {
  return isPlainObject(value) && Object.keys(value).some((key) => Object.hasOwn(settings, key));
}

/** Arrays by position, and those by name with their names. */
class Arguments {
  readonly arrays: MLXArray[];
  readonly names: string[] = [];

  constructor(args: readonly unknown[], name: string) {
    const last = args.at(-1);
    const keywords = isPlainObject(last) && !isArray(last) ? last : undefined;
    const positional = keywords === undefined ? args : args.slice(0, -1);
    this.arrays = positional.map((arg) => toArray(arg, name));
    for (const [key, value] of Object.entries(keywords ?? {})) {
      this.names.push(key);
      this.arrays.push(toArray(value, name));
    }
  }

  /** The same arguments made of other arrays. */
  withArrays(arrays: readonly MLXArray[]): unknown[] {
    const first = arrays.length - this.names.length;
    if (this.names.length === 0) return [...arrays];
    const keywords = Object.fromEntries(this.names.map((key, i) => [key, arrays[first + i]]));
    return [...arrays.slice(0, first), keywords];
  }
}

function tracing(fun: ExportableFunction, args: Arguments, name: string) {
  return (ids: readonly ArrayId[]): ArrayId[] =>
    idsOf(outputList(fun(...args.withArrays(adoptAll(ids))), name));
}

const forgottenExporters = new FinalizationRegistry((number: number) => {
  native.forgetExporter(number);
});

/**
 * Writes several traces of one function to a file, one for each call of the result with the
 * arguments to trace it for: arrays, then perhaps an object of arrays by name. `close`, or the end
 * of a `using` scope, writes the file.
 *
 * With `shapeless`, a trace holds for other sizes too: fun is called several times, with arguments
 * of other sizes, and an axis may vary if these traces are the same but for integers that grow with
 * its size; it may have to stay even (or a multiple), equal to another, or no less than some size.
 * Which sizes fun refuses, or puts into a constant, don't vary.
 *
 * @param file - the name of the file.
 * @param fun - the function.
 *
 * @example
 * ```ts
 * const exporter = mx.exporter('scale.mlxfn', (x: mx.array, y?: { by: mx.array }) =>
 *   x.multiply(y ? y.by : 2));
 * exporter(mx.zeros([3]));
 * exporter(mx.zeros([3]), { by: mx.array(1) });
 * exporter.close();
 * console.log(mx.importFunction('scale.mlxfn')([1, 2, 3], { by: 5 })[0].tolist()); // => [ 5, 10, 15 ]
 * ```
 */
export function exporter(
  file: string | FileUrl,
  fun: ExportableFunction,
  options?: ExportOptions,
): Exporter;
export function exporter(...values: unknown[]): Exporter {
  const { file, fun, ...settings } = readExporter(values);
  return openExporter(file, fun, settings, 'exporter');
}

function openExporter(
  path: string,
  fun: ExportableFunction,
  { shapeless, metadata }: { shapeless: boolean; metadata: string | null },
  name: string,
): Exporter {
  const number = checked<number>(native.openExporter(path, shapeless, metadata));
  const add = (...given: unknown[]): void => {
    const args = new Arguments(given, name);
    const trace = tracing(fun, args, name);
    callNative(native.addTrace, trace, number, idsOf(args.arrays), args.names);
  };
  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    checked(native.closeExporter(number));
    isClosed = true;
  };
  const result = Object.assign(add, { close, [Symbol.dispose]: close }) as Exporter;
  forgottenExporters.register(result, number);
  return result;
}

/**
 * Writes the trace of a function for some arguments to a file: arrays, then perhaps an object of
 * arrays by name, which fun gets last; then options. fun returns an array or a list of arrays. See
 * exporter for `shapeless`; arrays that fun takes from elsewhere go into the file.
 *
 * A function in place of the file hears of the trace record by record instead.
 *
 * @param fileOrCallback - the name of the file, or a function that gets the records instead.
 * @param fun - the function.
 * @param args - arguments to trace it with, arrays or trees of arrays.
 *
 * @example
 * ```ts
 * mx.exportFunction('double.mlxfn', (x: mx.array) => x.add(x), mx.zeros([2]), { shapeless: true });
 * const double = mx.importFunction('double.mlxfn');
 * console.log(double([1, 2, 3])[0].tolist()); // => [ 2, 4, 6 ]
 * ```
 */
export function exportFunction(
  fileOrCallback: string | FileUrl | ((record: ExportRecord) => void),
  fun: ExportableFunction,
  ...args: (ArrayLike | KeywordArrays | ExportOptions)[]
): void {
  readFunction([fun]);
  const last = args.at(-1);
  const options = readSettings(isOptions(last) ? [last] : []);
  const given = (isOptions(last) ? args.slice(0, -1) : args) as ArrayLike[];
  if (typeof fileOrCallback !== 'function') {
    const path = readKind(filePath, fileOrCallback, 'exportFunction', 'fileOrCallback');
    const one = openExporter(path, fun, options, 'exportFunction');
    one(...given);
    one.close();
    return;
  }
  const { shapeless } = options;
  const parts = new Arguments(given, 'exportFunction');
  const tell = (entries: TraceRecord): void => fileOrCallback(toRecord(entries));
  const trace = tracing(fun, parts, 'exportFunction');
  callNative(native.tellTrace, trace, tell, idsOf(parts.arrays), parts.names, shapeless);
}

type TraceRecord = Parameters<Parameters<typeof native.tellTrace>[1]>[0];
type NativeValue = readonly [string, number[], DtypeCode];

function toRecord(entries: TraceRecord): ExportRecord {
  const record: Record<string, unknown> = Object.fromEntries(entries);
  const isPrimitive = record.type === 'primitive';
  for (const key of ['inputs', 'outputs'])
    if (key in record)
      record[key] = (record[key] as NativeValue[]).map(([name, shape, code]) => [
        name,
        shape,
        dtypeFromCode(code),
      ]);
  if (record.type === 'constants')
    record.constants = (record.constants as [string, ArrayId][]).map(([name, id]) => [
      name,
      adoptAll([id])[0],
    ]);
  if (isPrimitive)
    record.arguments = (record.arguments as [boolean, unknown][]).map(([isDtype, value]) =>
      isDtype ? dtypeFromCode(value as DtypeCode) : value,
    );
  return record as ExportRecord;
}

/**
 * The function in a file: called with arrays, then perhaps an object of arrays by name, it runs
 * the trace for such arguments and returns the list of its outputs. Throws EngineError for a file
 * that is missing, damaged or of an unknown version, and the call TypeError when there is no such
 * trace.
 *
 * @param file - the name of the file.
 *
 * @example
 * ```ts
 * mx.exportFunction('square.mlxfn', (x: mx.array) => x.square(), mx.array(0), { metadata: 'x^2' });
 * const square = mx.importFunction('square.mlxfn');
 * console.log(square(3)[0].item(), square.metadata); // => 9 x^2
 * ```
 */
export function importFunction(file: string | FileUrl): ImportedFunction;
export function importFunction(...values: unknown[]): ImportedFunction {
  const { file: path } = readImport(values);
  const [number, metadata] = checked<[number, string | null]>(native.importFunction(path));
  const imported = (...given: unknown[]): MLXArray[] => {
    const args = new Arguments(given, 'importFunction');
    return adoptAll(callNative(native.callImported, number, idsOf(args.arrays), args.names));
  };
  const result = Object.defineProperty(imported, 'metadata', { value: metadata });
  checked(native.ownImported(result, number, path));
  return result as unknown as ImportedFunction;
}

/**
 * Draws the graphs of arrays that have not been evaluated, in the language of Graphviz's dot.
 * Arrays may come in an object, by their names in the drawing.
 *
 * @param file - the name of the file.
 * @param arrays - the arrays whose graph is shown.
 *
 * @example
 * ```ts
 * mx.exportToDot('sum.dot', mx.add(mx.array([1]), mx.array([2])));
 * mx.exportToDot('named.dot', { sum: mx.add(mx.array([1]), mx.array([2])) });
 * ```
 */
export function exportToDot(
  file: string | FileUrl,
  ...arrays: (MLXArray | Readonly<Record<string, MLXArray>>)[]
): void {
  const path = toPath(file, 'exportToDot');
  const named = arrays.flatMap((one): [string, MLXArray][] =>
    isPlainObject(one) && !isArray(one)
      ? Object.entries(one as Record<string, MLXArray>)
      : [['', one as MLXArray]],
  );
  const values = named.map(([, value]) => toArray(value, 'exportToDot'));
  checkedFor(
    'exportToDot',
    native.exportToDot(
      path,
      idsOf(values),
      named.map(([name]) => name),
    ),
  );
}
