import {
  checkReceivers,
  describe,
  isArray,
  operationError,
  reader,
  type Kind,
} from '@mlx/core/calls';
import { className } from './is-module';
import type { Module } from './module';

type Inputs = Readonly<Record<string, Kind<unknown>>>;
type Forward = (this: Module, ...values: unknown[]) => unknown;

const readingForwards = new WeakSet();

/** Whether a module's forward reads its arguments: those of this package do, a user's doesn't. */
export function readsInputs(module: Module): boolean {
  return readingForwards.has(module.forward);
}

/** Throws for a `forward` that was taken from its class and called on something else. */
function checkLayer(module: unknown): void {
  if (typeof module !== 'function' || !(Symbol.for('mlx.tree') in module))
    throw new TypeError(
      `[Module.forward] Expected a module before the dot, but got ${describe(module)}.`,
    );
}

/** The settings of a layer without layers below it. */
function settings(module: Module): string {
  const text = module.toString();
  return text.includes('\n') ? '' : `The layer is ${text}`;
}

/**
 * Makes a layer's own methods name themselves when they are called on anything but a module of the
 * class. Declared in the class's static block; `takesInputs` does it too.
 */
export function checkMethods({ prototype }: { readonly prototype: Module }): void {
  const isOwn = (value: unknown): boolean =>
    typeof value === 'function' && Object.prototype.isPrototypeOf.call(prototype, value);
  checkReceivers({ name: 'Module', prototype }, isOwn, 'a module of its class');
}

/**
 * Makes a layer's forward take its arguments as functions do: array-likes for arrays, options at
 * the end; and names what fails inside after the layer. Declared in the class's static block.
 */
export function takesInputs(layer: { readonly prototype: Module }, inputs: Inputs): void {
  const { prototype } = layer;
  const inner = prototype.forward as unknown as Forward;
  // All but forward, which the usual call spares the question.
  checkMethods(layer);
  const names = Object.keys(inputs);
  const onlyArray = names.length === 1;
  // The name is known only when the layer is: readers are made by name as they are needed.
  const readers = new Map<string, (values: readonly unknown[]) => Record<string, unknown>>();
  const read = (name: string, values: readonly unknown[]): unknown[] => {
    let own = readers.get(name);
    if (own === undefined) readers.set(name, (own = reader(name, inputs)));
    const given = own(values);
    return names.map((parameter) => given[parameter]);
  };

  const named = (module: Module, error: unknown, given: readonly unknown[]): unknown => {
    checkLayer(module);
    return operationError(
      error,
      className(module),
      () => names.map((parameter, i) => [parameter, given[i]] as const),
      () => settings(module),
    );
  };

  function forward(this: Module, first?: unknown, ...rest: unknown[]): unknown {
    // The usual call, which nothing need be read for.
    if (onlyArray && rest.length === 0 && isArray(first)) {
      try {
        return inner.call(this, first);
      } catch (error) {
        throw named(this, error, [first]);
      }
    }
    checkLayer(this);
    const values = first === undefined && rest.length === 0 ? [] : [first, ...rest];
    const given = read(className(this), values);
    try {
      return inner.apply(this, given);
    } catch (error) {
      throw named(this, error, given);
    }
  }
  readingForwards.add(forward);
  Object.defineProperty(prototype, 'forward', {
    value: forward,
    writable: true,
    configurable: true,
  });
}
