import { describe } from './kinds';

type Method = (this: unknown, ...values: unknown[]) => unknown;
type Hints = Readonly<Record<string, string>>;

/**
 * Makes assigning to what an object only shows an error that says so; JavaScript's own speaks of
 * getters, or says nothing.
 *
 * @param hints - by the name of a member, what to do instead.
 */
export function refuseAssignments(prototype: object, prefix: string, hints: Hints = {}): void {
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (descriptor.get === undefined || descriptor.set !== undefined) continue;
    const set = (): never => {
      const hint = hints[key];
      throw new TypeError(
        `[${prefix}${key}] It can't be assigned${hint === undefined ? '' : `: ${hint}`}.`,
      );
    };
    Object.defineProperty(prototype, key, { ...descriptor, set });
  }
}

/**
 * Makes the methods of a class name themselves when they are taken from it and called on something
 * else, which fails anywhere inside otherwise, and what it only shows refuse to be assigned.
 * Declared in the class's static block.
 */
export function checkReceivers(
  owner: { readonly name: string; readonly prototype: object },
  isReceiver: (value: unknown) => boolean,
  text: string,
  hints?: Hints,
): void {
  const { name, prototype } = owner;
  const checked = (key: string, method: Method): Method => {
    const run: Method = function (...values) {
      if (isReceiver(this)) return method.apply(this, values);
      throw new TypeError(
        `[${name}.${key}] Expected ${text} before the dot, but got ${describe(this)}.`,
      );
    };
    return Object.defineProperty(run, 'name', { value: key });
  };
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (key === 'constructor') continue;
    for (const part of ['value', 'get', 'set'] as const) {
      const method: unknown = descriptor[part];
      if (typeof method === 'function') descriptor[part] = checked(key, method as Method);
    }
    Object.defineProperty(prototype, key, descriptor);
  }
  refuseAssignments(prototype, `${name}.`, hints);
}
