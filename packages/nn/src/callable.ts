import { settleError } from '@mlx/core/calls';
import { recordCall } from './hidden-modules';
import { readsInputs } from './inputs';
import type { Module } from './module';

/** Makes `new` return a function, so that modules can be called; a class of its own because only a
 * derived class puts its private fields on what the base constructor returns. */
export class Callable {
  constructor() {
    const self = (...args: unknown[]): unknown => {
      const module = self as unknown as Module & { forward(...args: unknown[]): unknown };
      const leave = recordCall(module);
      try {
        return module.forward(...args);
      } catch (error) {
        if (typeof module.forward !== 'function')
          throw new TypeError('[Module] A module that is called needs a forward method.', {
            cause: error,
          });
        throw readsInputs(module) ? error : settleError(error);
      } finally {
        leave?.();
      }
    };
    // The function's own would hide members of these names.
    Reflect.deleteProperty(self, 'name');
    Reflect.deleteProperty(self, 'length');
    return Object.setPrototypeOf(self, new.target.prototype) as Callable;
  }
}

type Few = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12;

/**
 * What a module takes. The arity of a type parameter's forward is not known yet: it is no small
 * number for any type, so that the compiler has only the second case to look at.
 */
export type Inputs<M extends { forward(...args: never[]): unknown }> = [
  unknown,
  ...Parameters<M['forward']>,
]['length'] extends Few
  ? Parameters<M['forward']>
  : // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a list of modules can be called
    any[];
