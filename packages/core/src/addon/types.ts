/** What a number that crosses to the addon stands for. */
declare const meaning: unique symbol;
type Code<Meaning> = number & { readonly [meaning]: Meaning };

/** The slot of an array in the addon's table, or a scalar in shared memory. */
export type ArrayId = Code<'array'>;
export type DtypeCode = Code<'dtype'>;
/** The number of a stream, or of a device for its default stream. */
export type StreamCode = Code<'stream'>;

/** A function of the addon. It returns undefined after an error, which `takeError` describes. */
export type NativeFunction<Values extends readonly unknown[], Result> = (
  ...values: Values
) => Result | undefined;

/** An operation, which puts its result into the object that is given first. */
export type Operation<Values extends readonly unknown[]> = NativeFunction<
  [object, ...Values, StreamCode | undefined],
  ArrayId
>;
export type AnyOperation = (holder: object, ...values: never) => ArrayId | undefined;
/** What an operation takes between the object and the stream. */
export type OperationValues<F extends AnyOperation> =
  F extends Operation<infer Values extends unknown[]> ? Values : never;

/** An operation with several results, which are slots without objects. */
export type ManyOperation<
  Values extends readonly unknown[],
  Ids extends readonly ArrayId[],
> = NativeFunction<[...Values, StreamCode | undefined], Ids>;
