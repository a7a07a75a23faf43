import type * as mx from '@mlx/core';

/** A tree of arrays: parameters, gradients, or an optimizer's state. */
export type ArrayTree = { [key: string]: ArrayTree } | ArrayTree[] | mx.array;
