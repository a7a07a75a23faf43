// What can be fuzzed: how each kind gets ready in a child and makes a program of a case.
import { makeCall } from './calls.mjs';
import { makeDamagedFile, prepareFiles } from './files.mjs';
import { makeGraph } from './graphs.mjs';

export const kinds = {
  calls: { prepare: () => undefined, make: makeCall },
  files: { prepare: prepareFiles, make: makeDamagedFile },
  graphs: { prepare: () => undefined, make: makeGraph },
};
