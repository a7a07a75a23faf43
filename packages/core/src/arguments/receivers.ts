import { describe } from './kinds';

type Method = (this: unknown, ...values: unknown[]) => unknown;

/**
 * Makes the methods of a class name themselves when they are taken from it and called on something
 * else, which fails anywhere inside otherwise. Declared in the class's static block.
 */
export function checkReceivers(
  owner: { readonly name: string; readonly prototype: object },
  isReceiver: (value: unknown) => boolean,
  text: string,
): void {
  const { name, prototype } = owner;
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const method = descriptor.value as Method | undefined;
    if (typeof method !== 'function' || key === 'constructor') continue;
    const value = function (this: unknown, ...values: unknown[]): unknown {
      if (isReceiver(this)) return method.apply(this, values);
      throw new TypeError(
        `[${name}.${key}] Expected ${text} before the dot, but got ${describe(this)}.`,
      );
    };
    Object.defineProperty(value, 'name', { value: key });
    Object.defineProperty(prototype, key, { ...descriptor, value });
  }
}
