/* eslint-disable @typescript-eslint/no-require-imports -- what older versions of Node have */

const { getBuiltinModule } = process as { getBuiltinModule?: (name: string) => unknown };

/**
 * A module of Node, of unknown type: what is published names none of Node's types. Not by
 * `require`, where there is another way (since 20.16): a bundle that is an ES module has none.
 */
export function nodeModule(name: `node:${string}`): unknown {
  return getBuiltinModule?.(name) ?? require(name);
}
