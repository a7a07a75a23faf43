// Writes the types of the addon's functions, which its binder reads off their C++ signatures, for
// packages/core: the order and kinds of arguments are the compiler's to check. The build calls it;
// by itself it only says whether what is there is what it would write.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { native } from './node-gyp.mjs';

const path = join(native, '..', 'packages', 'core', 'src', 'addon', 'functions.ts');

/** The text of the declarations for names and types of functions. */
async function textOf(types) {
  const members = types.map(([name, type]) => `readonly ${name}: ${type};`);
  const text = `// Written by native/scripts/declare-functions.mjs from the addon's C++ signatures.

import type { ErrorRecord } from '../errors/errors';
import type { ArrayId, DtypeCode, NativeFunction, Operation, StreamCode } from './types';

/** The addon's functions. */
export interface NativeFunctions {
  ${members.join('\n  ')}
}

/** The names of those that are called as one of them is. */
export type OperationsLike<F> = {
  [Name in keyof NativeFunctions]: NativeFunctions[Name] extends F ? Name : never;
}[keyof NativeFunctions];
`;
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

/** Writes the declarations for the addon in a file if they changed. */
export async function declareFunctions(addon) {
  const text = await declarations(addon);
  if (text !== readFileSync(path, 'utf8')) writeFileSync(path, text);
}

async function declarations(addon) {
  return textOf(createRequire(import.meta.url)(addon).functionTypes());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await declarations(join(native, 'build', 'Release', 'mlx.node'));
  const isSame = text === readFileSync(path, 'utf8');
  console.log(isSame ? 'up to date' : `${path} is not what the addon's functions are`);
  process.exitCode = isSame ? 0 : 1;
}
