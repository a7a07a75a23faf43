// What can be fuzzed: how each kind gets ready in a child and makes a program of a case.
import { makeCall } from './calls.mjs';

export const kinds = {
  calls: { prepare: () => undefined, make: makeCall },
};
