import { builtin } from '../node/builtin';

const { dirname, join } = builtin('node:path');

/** This file, or where a bundle stands that is an ES module and knows no such name. */
export const ownFile =
  typeof __filename === 'string' ? __filename : (process.argv[1] ?? join(process.cwd(), 'bundle'));

/** Where this copy of the package lies. */
export const ownFolder = dirname(dirname(ownFile));
